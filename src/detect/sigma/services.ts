import type { Branch } from './sources.ts';

/** Lines of the system log; keywords, which most rules of services are, are looked for in what was said. */
function lines(rows: string): readonly Branch[] {
  return [
    {
      table: 'syslog_events',
      rows,
      fields: {},
      texts: ['message'],
      shows: [
        ...['time', 'host', 'tag', 'facility', 'severity', 'message', 'pid', 'path'],
        ...['process_id', 'container_id', 'container_name'],
      ],
    },
  ];
}

/** The journal has the program's name; a line of rsyslog may have its pid behind it: sshd[12]. */
function saidBy(...programs: readonly string[]): readonly Branch[] {
  const names = programs.map((name) => `'${name}'`).join(', ');
  const numbered = programs.map((name) => ` OR $.tag GLOB '${name}[[]*'`).join('');
  return lines(`($.tag IN (${names})${numbered})`);
}

/** Services whose lines go to the system log, by who says them or, for two, by facility. */
export const SERVICES: Readonly<Record<string, readonly Branch[]>> = {
  syslog: lines(''),
  auth: lines(`$.facility IN ('auth', 'authpriv')`),
  sshd: saidBy('sshd', 'sshd-session', 'sshd-auth'),
  sudo: saidBy('sudo'),
  su: saidBy('su'),
  cron: saidBy('cron', 'CRON', 'crond', 'CROND', 'anacron', 'crontab'),
  clamav: saidBy('clamd', 'clamav', 'clamscan', 'clamonacc', 'freshclam'),
  vsftpd: saidBy('vsftpd'),
  guacamole: saidBy('guacd'),
};

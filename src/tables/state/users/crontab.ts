import { defineTable, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { words } from '../../host/parse.ts';

const FOLDERS = ['/etc/cron.d', '/var/spool/cron', '/var/spool/cron/crontabs'];

function* files(host: Host): Iterable<string> {
  yield '/etc/crontab';
  for (const folder of FOLDERS) {
    for (const name of host.names(folder).sort()) yield `${folder}/${name}`;
  }
}

/** Lines that start something; those that set a variable have too few words, or a name first. */
function parse(line: string) {
  const fields = words(line);
  if (fields.length === 0 || fields[0]?.startsWith('#')) return undefined;
  if (/^[A-Za-z_]\w*\s*=/.test(line.trim())) return undefined;
  if (fields[0]?.startsWith('@')) {
    const command = fields.slice(1).join(' ');
    return command === '' ? undefined : { event: fields[0], command };
  }
  const [minute, hour, day_of_month, month, day_of_week, ...rest] = fields;
  if (rest.length === 0) return undefined;
  return { minute, hour, day_of_month, month, day_of_week, command: rest.join(' ') };
}

export const crontab = defineTable({
  name: 'crontab',
  description: `Commands that cron starts, from /etc/crontab, ${FOLDERS.join(', ')}`,
  rows: 30,
  columns: {
    event: text('@reboot and the like, in place of a time'),
    minute: text('Minutes'),
    hour: text('Hours'),
    day_of_month: text('Days of the month'),
    month: text('Months'),
    day_of_week: text('Days of the week'),
    command: text('The command; in files of the system the user stands before it'),
    path: text('File that it is in'),
    pid_with_namespace: PID_WITH_NAMESPACE,
  },
  examples: ["SELECT command, path FROM crontab WHERE command LIKE '%/tmp/%'"],
  *generate({ host }) {
    for (const path of files(host)) {
      for (const line of host.lines(path)) {
        const job = parse(line);
        if (job !== undefined) yield { ...job, path };
      }
    }
  },
});

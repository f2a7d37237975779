/** A rule set of ordinary shape: what public rule collections look like, in weir's tables. */

interface Rule {
  readonly query: string;
  readonly mode: 'streaming';
  readonly severity: 'low';
}

const TOOLS = [
  ...['nc', 'ncat', 'socat', 'wget', 'curl', 'base64', 'xxd', 'openssl', 'python3', 'perl', 'ruby'],
  ...['gdb', 'strace', 'tcpdump', 'nmap', 'masscan', 'hydra', 'john', 'hashcat', 'insmod', 'rmmod'],
  ...[
    'modprobe',
    'crontab',
    'at',
    'useradd',
    'usermod',
    'groupadd',
    'passwd',
    'chpasswd',
    'visudo',
  ],
  ...['iptables', 'nft', 'ufw', 'setenforce', 'auditctl', 'systemctl', 'journalctl', 'shred', 'dd'],
  ...[
    'mkfs',
    'mount',
    'umount',
    'losetup',
    'docker',
    'kubectl',
    'runc',
    'ctr',
    'ssh',
    'scp',
    'rsync',
  ],
];
const FLAGS = ['-e /bin/sh', '--checkpoint-action', '-o ProxyCommand', '/dev/tcp/', 'stratum+tcp'];
const FOLDERS = [
  ...['/etc/cron.d/', '/etc/systemd/system/', '/etc/init.d/', '/etc/pam.d/', '/etc/udev/rules.d/'],
  ...['/etc/profile.d/', '/root/.ssh/', '/usr/lib/modules/', '/var/log/', '/etc/ld.so.conf.d/'],
];
const NAMES = ['authorized_keys', 'ld.so.preload', '.bashrc', 'sudoers', 'shadow', 'rc.local'];
const EXTENSIONS = [
  '.locked',
  '.encrypted',
  '.crypt',
  '.enc',
  '.wncry',
  '.ryk',
  '.conti',
  '.akira',
];

/** 300 rules, each written like one of these kinds; the last tenth no literal can spare. */
export function latencyRules(): Record<string, Rule> {
  const queries: string[] = [];
  const process = 'SELECT time, pid, path, cmdline, parent, username FROM process_events WHERE';
  const file = 'SELECT time, pid, executable, path, operation FROM process_file_events WHERE';
  for (const tool of TOOLS) {
    queries.push(`${process} path LIKE '%/${tool}'`);
    queries.push(`${process} path LIKE '%/${tool}' AND cmdline LIKE '%--force%' AND uid = 0`);
  }
  for (const flag of FLAGS) {
    for (const tool of TOOLS.slice(0, 12)) {
      queries.push(
        `${process} (path GLOB '*/${tool}' OR path GLOB '*sh') AND cmdline LIKE '%${flag}%'`,
      );
    }
  }
  for (const folder of FOLDERS) {
    for (const operation of ['create', 'close_write', 'rename', 'unlink']) {
      queries.push(`${file} operation = '${operation}' AND path LIKE '${folder}%'`);
    }
  }
  for (const name of NAMES)
    queries.push(`${file} path LIKE '%/${name}' AND executable <> '/usr/bin/dpkg'`);
  for (const extension of EXTENSIONS) {
    queries.push(`${file} operation = 'rename' AND dest_path LIKE '%${extension}'`);
  }
  const joined = `SELECT s.time, s.pid, p.cmdline, s.remote_address FROM socket_events s
    JOIN process_seen p USING (exec_id) WHERE`;
  for (const tool of TOOLS.slice(0, 30)) {
    queries.push(
      `${joined} s.action = 'connect' AND s.path LIKE '%/${tool}' AND s.remote_port > 1024`,
    );
  }
  while (queries.length < 270) {
    queries.push(`${file} path IN ('/opt/a${queries.length}', '/opt/b${queries.length}')`);
  }
  for (let i = 0; queries.length < 300; i++) {
    const port = 1 + i; // below what the load connects to
    queries.push(`SELECT time, pid, remote_port FROM socket_events WHERE remote_port = ${port}`);
  }
  return Object.fromEntries(
    queries
      .slice(0, 300)
      .map((query, i) => [`rule_${i}`, { query, mode: 'streaming', severity: 'low' }]),
  );
}

/** Commands that examine weir and its host. */
import { type CommandSpec, NO_ARGUMENTS } from '../command.ts';
import { flag, PLACES, valued } from '../flags.ts';

export const DOCTOR: CommandSpec = {
  name: 'doctor',
  summary: 'examine this host, and say why a table is empty',
  args: '[TABLE]',
  minArgs: 0,
  maxArgs: 1,
  flags: [
    flag('json', 'findings and hooks, as an object'),
    flag('fix', 'remove audit rules that products which are gone left behind; asks first'),
    flag('yes', 'with --fix: do not ask'),
    flag('clear-boot-guard', 'let eBPF be tried again after the host went down'),
    ...PLACES,
  ],
  details:
    'Without TABLE: kernel, rights, disk, the hook of each event and why it is not a better one, and other\n' +
    'sensors with what they cost. With TABLE: why it has no rows, or what it leaves out. Works without a\n' +
    'daemon, too. Ends with 1 when something is broken, else with 0.',
  examples: ['weir doctor', 'weir doctor file_events', 'weir doctor --fix'],
  load: () => import('../doctor.ts'),
};

export const STATISTICS: CommandSpec = {
  name: 'statistics',
  summary: 'where events come from, and what leaving them out would save',
  ...NO_ARGUMENTS,
  flags: [
    valued('seconds', 'N', 'look back so far, 1 to 86400 (default 20)'),
    flag('json', 'an array of objects'),
    ...PLACES,
  ],
  details:
    'The ten busiest files, folders, initiators, actions, system calls, remote addresses, ports and\n' +
    'containers by stored rows, each with the command that leaves just that out, and what it would save.\n' +
    'The table weir_hot_sources is the same of the last minute.',
  examples: ['weir statistics --seconds 300'],
  load: () => import('../statistics.ts'),
};

export const DIAGNOSE: CommandSpec = {
  name: 'diagnose',
  summary: 'gather what tells what is wrong, in one .tar.gz',
  ...NO_ARGUMENTS,
  flags: [
    valued(
      'output',
      'FILE',
      'where to (default weir-diagnose-TIME.tar.gz here; - is standard output)',
    ),
    flag('with-events', 'the newest rows of every event table and what they are of, too'),
    ...PLACES,
  ],
  details:
    'Health, doctor, configuration without secrets, losses, coverage, statistics without names, store, kernel,\n' +
    'BPF programs with run times, end of the log; manifest.json says what each file is, and why one is\n' +
    'missing. Works without a daemon.',
  examples: ['weir diagnose --output /tmp/weir.tar.gz'],
  load: () => import('../diagnose.ts'),
};

export const TABLE: CommandSpec = {
  name: 'table',
  summary: 'check a file with tables of your own',
  args: 'check FILE',
  minArgs: 2,
  maxArgs: 2,
  flags: [],
  details:
    'Loads the file as the daemon would from tables.directory, and runs its tables and their examples\n' +
    'here. Ends with 0 or 78.',
  examples: ['weir table check /etc/weir/tables/leases.ts'],
  load: () => import('../table.ts'),
};

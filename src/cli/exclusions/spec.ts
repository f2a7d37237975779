import type { CommandSpec } from '../command.ts';
import { flag, PLACES, valued } from '../flags.ts';

export const EXCLUSIONS: CommandSpec = {
  name: 'exclusions',
  summary: 'what is left out on purpose',
  args: 'list | add [RULE] | remove ID... | test EVENT',
  minArgs: 0,
  maxArgs: Number.POSITIVE_INFINITY,
  flags: [
    valued('id', 'NAME', 'name it; default: one made of the conditions'),
    valued(
      'scope',
      'SCOPE',
      'what is left out: collection (events, the default), detection, response',
    ),
    valued('path', 'PATTERN', 'files: a path, a folder with / at its end, or a pattern'),
    valued('extension', 'TEXT', 'files: the end of the name, such as log'),
    valued(
      'executable',
      'PATTERN',
      'of the acting process, by the path that the host has it under',
    ),
    valued('executable-file', 'FILE', 'the executable that this file is now, by device and inode'),
    valued(
      'mount-namespace',
      'NAME',
      'of the acting process: host (default beside --executable), any, or a number',
    ),
    valued(
      'tree',
      'ROOT',
      'a process_id, or an executable: these processes and all that they start',
    ),
    valued('uid', 'N', 'user id of the acting process'),
    valued('user', 'NAME', 'the same by name'),
    valued('cgroup', 'PATH', 'path below the cgroup2 mount, pattern or id'),
    valued('container', 'ID', 'its id, or the first 12 characters or more'),
    valued('port', 'N', 'sockets: either end'),
    valued('address', 'NETWORK', 'sockets: the other end, as 10.0.0.0/8'),
    valued('actions', 'LIST', 'only these actions, comma separated'),
    valued('tables', 'LIST', 'only these tables, comma separated'),
    valued('query', 'NAME', 'detection and response: of this rule; * stands for any text'),
    valued('reason', 'TEXT', 'why; shown in the list'),
    valued('expires', 'WHEN', 'after so long (90s, 15m, 1h, 7d, 2w), or ISO 8601'),
    flag('force', 'though it leaves out everything'),
    flag('json', 'as JSON'),
    ...PLACES,
  ],
  details:
    'list shows each with who decides (kernel or stream) and what it suppressed so far. add takes conditions,\n' +
    'all of which must hold, or a RULE as in "exclude" of the configuration; it works at once, and after the\n' +
    'next start too. remove takes back what was added. test says which exclusions hold for an EVENT: a seq or\n' +
    'eid, or a line of "weir tail --json". The table weir_exclusions is the same as list.',
  examples: [
    "weir exclusions add --path /var/cache/build/ --reason 'compiler output' --expires 7d",
    'weir exclusions add --executable /usr/sbin/backupd --tables process_file_events',
    'weir exclusions test 184467',
  ],
  load: () => import('../exclusions.ts'),
};

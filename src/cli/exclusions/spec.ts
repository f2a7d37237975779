import type { CommandSpec } from '../command.ts';
import { PLACES } from '../flags.ts';

export const EXCLUSIONS: CommandSpec = {
  name: 'exclusions',
  summary: 'what is left out on purpose',
  args: 'list | add [RULE] | remove ID... | test EVENT',
  minArgs: 0,
  maxArgs: Number.POSITIVE_INFINITY,
  flags: [
    {
      name: 'id',
      type: 'string',
      value: 'NAME',
      summary: 'name it; default: one made of the conditions',
    },
    {
      name: 'scope',
      type: 'string',
      value: 'SCOPE',
      summary: 'what is left out: collection (events, the default), detection, response',
    },
    {
      name: 'path',
      type: 'string',
      value: 'PATTERN',
      summary: 'files: a path, a folder with / at its end, or a pattern',
    },
    {
      name: 'extension',
      type: 'string',
      value: 'TEXT',
      summary: 'files: the end of the name, such as log',
    },
    {
      name: 'executable',
      type: 'string',
      value: 'PATTERN',
      summary: 'of the acting process, by the path that the host has it under',
    },
    {
      name: 'executable-file',
      type: 'string',
      value: 'FILE',
      summary: 'the executable that this file is now, by device and inode',
    },
    {
      name: 'mount-namespace',
      type: 'string',
      value: 'NAME',
      summary: 'of the acting process: host (default beside --executable), any, or a number',
    },
    {
      name: 'tree',
      type: 'string',
      value: 'ROOT',
      summary: 'a process_id, or an executable: these processes and all that they start',
    },
    { name: 'uid', type: 'string', value: 'N', summary: 'user id of the acting process' },
    { name: 'user', type: 'string', value: 'NAME', summary: 'the same by name' },
    {
      name: 'cgroup',
      type: 'string',
      value: 'PATH',
      summary: 'path below the cgroup2 mount, pattern or id',
    },
    {
      name: 'container',
      type: 'string',
      value: 'ID',
      summary: 'its id, or the first 12 characters or more',
    },
    { name: 'port', type: 'string', value: 'N', summary: 'sockets: either end' },
    {
      name: 'address',
      type: 'string',
      value: 'NETWORK',
      summary: 'sockets: the other end, as 10.0.0.0/8',
    },
    {
      name: 'actions',
      type: 'string',
      value: 'LIST',
      summary: 'only these actions, comma separated',
    },
    {
      name: 'tables',
      type: 'string',
      value: 'LIST',
      summary: 'only these tables, comma separated',
    },
    {
      name: 'query',
      type: 'string',
      value: 'NAME',
      summary: 'detection and response: of this rule; * stands for any text',
    },
    { name: 'reason', type: 'string', value: 'TEXT', summary: 'why; shown in the list' },
    {
      name: 'expires',
      type: 'string',
      value: 'WHEN',
      summary: 'after so long (90s, 15m, 1h, 7d, 2w), or ISO 8601',
    },
    { name: 'force', type: 'boolean', summary: 'though it leaves out everything' },
    { name: 'json', type: 'boolean', summary: 'as JSON' },
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

import { column, type EventTableSpec } from '../spec.ts';
import { EID, OWN, TIME, UPTIME } from './common.ts';

/** One row per successful exec. */
export const PROCESS_EVENTS: EventTableSpec = {
  name: 'process_events',
  description: 'Every program that started (execve, execveat)',
  class: 'process',
  columns: [
    column('pid', 'BIGINT', 'Process id'),
    column('path', 'TEXT', 'Executable, from the kernel’s own file; the interpreter for a script'),
    column('mode', 'TEXT', 'Mode of the executable, octal', {
      from: { how: 'octal', column: 'mode' },
    }),
    column('cmdline', 'TEXT', 'Arguments joined with one space'),
    column('cmdline_size', 'BIGINT', 'Bytes of all arguments before any cut', { hidden: true }),
    column('env', 'TEXT', 'Always empty: environments hold secrets', {
      from: { how: 'constant', value: '' },
      hidden: true,
      aliases: ['environment'],
    }),
    column('env_count', 'BIGINT', 'Always 0', {
      from: { how: 'constant', value: 0 },
      hidden: true,
      aliases: ['environment_count'],
    }),
    column('env_size', 'BIGINT', 'Bytes of the environment', {
      hidden: true,
      aliases: ['environment_size'],
    }),
    column('cwd', 'TEXT', 'Working directory'),
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    column('uid', 'BIGINT', 'Real user id'),
    column('euid', 'BIGINT', 'Effective user id'),
    column('gid', 'BIGINT', 'Real group id'),
    column('egid', 'BIGINT', 'Effective group id'),
    column('owner_uid', 'BIGINT', 'Owner of the executable'),
    column('owner_gid', 'BIGINT', 'Group of the executable'),
    column('atime', 'BIGINT', 'Last access of the executable, seconds', {
      aliases: ['access_time'],
    }),
    column('mtime', 'BIGINT', 'Last change of the executable, seconds', {
      aliases: ['modify_time'],
    }),
    column('ctime', 'BIGINT', 'Last status change of the executable', { aliases: ['change_time'] }),
    column('btime', 'BIGINT', 'Always 0, as in osquery', {
      from: { how: 'constant', value: 0 },
      aliases: ['create_time'],
    }),
    column('overflows', 'TEXT', 'Always empty; see truncated', {
      from: { how: 'constant', value: '' },
      hidden: true,
    }),
    column('parent', 'BIGINT', 'Process id of the parent'),
    TIME,
    UPTIME,
    EID,
    column('status', 'BIGINT', 'Always 0: failed execs are not rows here', {
      from: { how: 'constant', value: 0 },
      hidden: true,
    }),
    column('fsuid', 'BIGINT', 'File system user id'),
    column('suid', 'BIGINT', 'Saved user id'),
    column('fsgid', 'BIGINT', 'File system group id'),
    column('sgid', 'BIGINT', 'Saved group id'),
    column('syscall', 'TEXT', 'execve or execveat'),
    ...OWN,
    column('parent_path', 'TEXT', 'Executable of the parent'),
    column('parent_cmdline', 'TEXT', 'Arguments of the parent'),
    column('json_cmdline', 'TEXT', 'Arguments as a JSON array: exact where cmdline is not'),
    column('filename', 'TEXT', 'Name that was asked for'),
    column('script', 'TEXT', 'Script that an interpreter was started for'),
    column('interpreter', 'TEXT', 'Interpreter as the script names it', { hidden: true }),
    column('tty', 'TEXT', 'Controlling terminal'),
    column('session_id', 'BIGINT', 'Session (setsid)'),
    column('pgid', 'BIGINT', 'Process group', { hidden: true }),
    column('dev', 'BIGINT', 'Device of the executable', { hidden: true }),
    column('inode', 'BIGINT', 'Inode of the executable', { hidden: true }),
    column('size', 'BIGINT', 'Bytes of the executable', { hidden: true }),
    column('nlink', 'INTEGER', 'Names that the executable has; 0: deleted or memfd', {
      hidden: true,
    }),
    column('ns_pid', 'BIGINT', 'Process id as the process sees it', { hidden: true }),
    column('pid_ns', 'BIGINT', 'Process id namespace', { hidden: true }),
    column('net_ns', 'BIGINT', 'Network namespace', { hidden: true }),
    column('user_ns', 'BIGINT', 'User namespace', { hidden: true }),
    column('uts_ns', 'BIGINT', 'Host name namespace', { hidden: true }),
    column('cgroup_ns', 'BIGINT', 'Control group namespace', { hidden: true }),
  ],
  examples: [
    "SELECT pid, path, cmdline FROM process_events WHERE path = '/usr/bin/id'",
    'SELECT username, parent_path, cmdline FROM process_events WHERE euid = 0 AND auid >= 1000',
  ],
};

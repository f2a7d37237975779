/** Views of host_events: what one source has to say, under osquery's names. */
import { type ColumnSpec, column, type EventTableSpec } from '../spec.ts';
import { EID, OWN, TIME, UPTIME } from './common.ts';
import { HOST_TOPICS } from './host-events.ts';

function view(
  name: keyof typeof HOST_TOPICS,
  description: string,
  columns: readonly ColumnSpec[],
  examples: readonly string[],
): EventTableSpec {
  const own = [EID, UPTIME, ...OWN].filter((one) => !columns.some((c) => c.name === one.name));
  const only = { column: 'topic', values: [HOST_TOPICS[name]] };
  return { name, description, class: 'host', only, columns: [...columns, ...own], examples };
}

const PID = column('pid', 'BIGINT', 'Process id');
const MESSAGE = column('message', 'TEXT', 'The record as it was written');
const NOCASE = { collate: 'nocase' } as const;

export const HOST_VIEWS: readonly EventTableSpec[] = [
  view(
    'hardware_events',
    'Devices that come, go and change: what udev says, or the kernel where no udev runs',
    [
      column('action', 'TEXT', 'add, remove, change, move, bind, unbind, ...'),
      column('path', 'TEXT', 'Node in /dev; empty when the device has none', {
        from: { how: 'default', column: 'target_path', value: '' },
      }),
      column('type', 'TEXT', 'Kind of device'),
      column('driver', 'TEXT', 'Driver'),
      column('vendor', 'TEXT', 'Maker'),
      column('vendor_id', 'TEXT', 'Id of the maker, hexadecimal', NOCASE),
      column('model', 'TEXT', 'Model'),
      column('model_id', 'TEXT', 'Id of the model, hexadecimal', NOCASE),
      column('serial', 'TEXT', 'Serial number'),
      column('revision', 'TEXT', 'Revision'),
      TIME,
      EID,
      column('sys_path', 'TEXT', 'Folder of the device below /sys', { from: 'message' }),
      column('interface', 'TEXT', 'Name of a network interface', { from: 'name' }),
    ],
    ["SELECT action, path, vendor, model FROM hardware_events WHERE type = 'usb_device'"],
  ),
  view(
    'user_events',
    'Logins, sessions and authentication: from audit records where audit is on, and from wtmp and btmp',
    [
      column('uid', 'BIGINT', 'User of the process that tells'),
      column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
      column('pid', 'BIGINT', 'Process that tells: sshd, login, sudo, ...'),
      column('message', 'TEXT', 'op, acct, res and the like'),
      column('type', 'INTEGER', 'Kind of audit record, as ausearch numbers it: 1112 is a login', {
        from: 'number',
      }),
      column('path', 'TEXT', 'Executable that tells'),
      column('address', 'TEXT', 'Where the user came from'),
      column('terminal', 'TEXT', 'Terminal'),
      TIME,
      UPTIME,
      EID,
      column('name', 'TEXT', 'Kind of record by name: USER_LOGIN, USER_AUTH, ...', {
        from: 'type',
      }),
    ],
    ["SELECT time, message, address FROM user_events WHERE message LIKE '%res=failed%'"],
  ),
  view(
    'selinux_events',
    'What SELinux refuses, and changes of its policy: audit records, read from their multicast group',
    [column('type', 'TEXT', 'AVC, USER_AVC, MAC_STATUS, ...'), MESSAGE, TIME, UPTIME, EID],
    ["SELECT message FROM selinux_events WHERE type = 'AVC'"],
  ),
  view(
    'apparmor_events',
    'What AppArmor refuses or notes: audit records, read from their multicast group',
    [
      column('type', 'TEXT', 'AA'),
      MESSAGE,
      TIME,
      UPTIME,
      EID,
      column('apparmor', 'TEXT', 'ALLOWED, DENIED, AUDIT, STATUS, ...', { from: 'verdict' }),
      column('operation', 'TEXT', 'What was tried: open, exec, capable, ...'),
      column('parent', 'UNSIGNED_BIGINT', 'Parent; NULL when the record has none', {
        from: 'ppid',
      }),
      column('profile', 'TEXT', 'Profile'),
      column('name', 'TEXT', 'What it was tried on'),
      column('pid', 'UNSIGNED_BIGINT', 'Process id'),
      column('comm', 'TEXT', 'Thread name'),
      column('denied_mask', 'TEXT', 'Rights that were refused'),
      column('capname', 'TEXT', 'Name of the capability'),
      column('fsuid', 'UNSIGNED_BIGINT', 'File system user id', { from: 'fs_uid' }),
      column('ouid', 'UNSIGNED_BIGINT', 'Owner of the file', { from: 'object_uid' }),
      column('capability', 'BIGINT', 'Number of the capability'),
      column('requested_mask', 'TEXT', 'Rights that were asked for'),
      column('info', 'TEXT', 'More about it'),
      column('error', 'TEXT', 'Error'),
      column('namespace', 'TEXT', 'Namespace of policies'),
      column('label', 'TEXT', 'Label'),
    ],
    ["SELECT profile, operation, name FROM apparmor_events WHERE apparmor = 'DENIED'"],
  ),
  view(
    'seccomp_events',
    'Calls that a seccomp filter stopped or logged: audit records, read from their multicast group',
    [
      TIME,
      UPTIME,
      column('auid', 'UNSIGNED_BIGINT', 'Login user id; 4294967295 when there is none'),
      column('uid', 'UNSIGNED_BIGINT', 'User'),
      column('gid', 'UNSIGNED_BIGINT', 'Group'),
      column('ses', 'UNSIGNED_BIGINT', 'Login session', { from: 'session' }),
      column('pid', 'UNSIGNED_BIGINT', 'Process id'),
      column('comm', 'TEXT', 'Thread name'),
      column('exe', 'TEXT', 'Executable', { from: 'path' }),
      column('sig', 'BIGINT', 'Signal that was sent', { from: 'signal' }),
      column('arch', 'TEXT', 'Architecture'),
      column('syscall', 'TEXT', 'System call, by name where this machine knows it'),
      column('compat', 'BIGINT', '1 in compatibility mode'),
      column('ip', 'TEXT', 'Instruction pointer'),
      column('code', 'TEXT', 'KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, TRACE, LOG, ALLOW'),
    ],
    ['SELECT comm, exe, syscall, code FROM seccomp_events'],
  ),
  view(
    'syslog_events',
    'Lines of the system log: from the journal, or from a pipe that rsyslog writes. Off unless host_events says which',
    [
      TIME,
      column('datetime', 'TEXT', 'Time as the sender wrote it'),
      column('host', 'TEXT', 'Host that it came from'),
      column('severity', 'INTEGER', '0 (emergency) to 7 (debug)'),
      column('facility', 'TEXT', 'Facility: auth, daemon, kern, ...'),
      column('tag', 'TEXT', 'Program'),
      column('message', 'TEXT', 'What was said'),
      EID,
      { ...PID, description: 'Process that said it, as the journal knows; 0 when it is not known' },
      column('path', 'TEXT', 'Its executable, as the journal knows'),
    ],
    ["SELECT tag, message FROM syslog_events WHERE facility = 'authpriv'"],
  ),
  view(
    'yara_events',
    'Files of a category that were made or changed and hold a signature of its groups (yara.file_paths)',
    [
      column('target_path', 'TEXT', 'The file'),
      column('category', 'TEXT', 'Category of file_paths'),
      column('action', 'TEXT', 'CREATED, UPDATED, or MOVED_TO'),
      column('matches', 'TEXT', 'Rules that match, comma separated'),
      column('count', 'INTEGER', 'How many', { from: 'match_count' }),
      column('strings', 'TEXT', 'Strings that were found: name:offset, comma separated'),
      column('tags', 'TEXT', 'Tags of the rules, comma separated'),
      TIME,
      EID,
      column('transaction_id', 'BIGINT', 'Not used on Linux', {
        hidden: true,
        from: { how: 'constant', value: null },
      }),
      { ...PID, description: 'Process that made or changed it' },
      column('path', 'TEXT', 'Executable that made or changed it'),
      column('uid', 'BIGINT', 'User of that process'),
    ],
    ['SELECT target_path, matches, path FROM yara_events'],
  ),
];

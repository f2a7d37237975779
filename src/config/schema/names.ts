/** Names that settings are chosen from. */
import { BEHAVIOR_NAMES } from '../behaviors.ts';
import { KERNEL_ACTION_NAMES } from '../kernel-actions.ts';

export const TABLE_NAMES = [
  'process_events',
  'process_lifecycle_events',
  'socket_events',
  'dns_events',
  'file_events',
  'process_file_events',
  'kernel_events',
  'behavior_events',
] as const;

export const ACTION_NAMES = [
  ...['exec', 'fork', 'exit'],
  ...['connect', 'accept', 'bind', 'listen', 'send', 'close'],
  ...['question', 'answer'],
  ...['create', 'open_write', 'open_read', 'close_write', 'rename', 'unlink', 'link', 'symlink'],
  ...['mkdir', 'rmdir', 'mknod', 'chmod', 'chown', 'truncate', 'mmap_write', 'attributes'],
  ...KERNEL_ACTION_NAMES,
  ...BEHAVIOR_NAMES,
] as const;

/** Sources of events; `auto`: eBPF where it can be had. */
export const PROVIDERS = ['auto', 'ebpf', 'netlink', 'off'] as const;

export const SYSLOG_FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron'],
  ...['authpriv', 'ftp', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6'],
  'local7',
] as const;

/** Where an exclusion works: events are not kept, nothing is detected, nothing is done about it. */
export const EXCLUSION_SCOPES = ['collection', 'detection', 'response'] as const;

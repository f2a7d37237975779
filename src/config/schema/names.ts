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

/** As syslog(3) numbers them. */
export const SYSLOG_FACILITIES = {
  ...{
    kern: 0,
    user: 1,
    mail: 2,
    daemon: 3,
    auth: 4,
    syslog: 5,
    lpr: 6,
    news: 7,
    uucp: 8,
    cron: 9,
  },
  ...{ authpriv: 10, ftp: 11, local0: 16, local1: 17, local2: 18, local3: 19, local4: 20 },
  ...{ local5: 21, local6: 22, local7: 23 },
} as const;

export type SyslogFacility = keyof typeof SYSLOG_FACILITIES;

/** Where an exclusion works: events are not kept, nothing is detected, nothing is done about it. */
export const EXCLUSION_SCOPES = ['collection', 'detection', 'response'] as const;

import { column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

/** What class `host` stores in `topic`, by the table that shows it. */
export const HOST_TOPICS = {
  hardware_events: 'hardware',
  user_events: 'user',
  selinux_events: 'selinux',
  apparmor_events: 'apparmor',
  seccomp_events: 'seccomp',
  syslog_events: 'syslog',
  yara_events: 'yara',
} as const;

export type HostTopic = (typeof HOST_TOPICS)[keyof typeof HOST_TOPICS];

const hidden = { hidden: true } as const;

/** All rows of the class, with all columns; the tables after it show some of both. */
export const HOST_EVENTS: EventTableSpec = {
  name: 'host_events',
  description:
    'What the host’s own parts tell: all rows of the seven tables that follow, under one roof. A row that names no process has pid 0 and uid 4294967295',
  class: 'host',
  columns: [
    column('topic', 'TEXT', 'hardware, user, selinux, apparmor, seccomp, syslog, yara'),
    column(
      'action',
      'TEXT',
      'hardware: add, remove, change, ...; yara: CREATED, UPDATED, MOVED_TO',
    ),
    column('type', 'TEXT', 'Kind of device, or of audit record'),
    column('message', 'TEXT', 'What was said'),
    column('pid', 'BIGINT', 'Process that it is about, or that said it; 0 when none is named'),
    column('path', 'TEXT', 'Executable of that process, as the record names it'),
    column('target_path', 'TEXT', 'Node of the device; yara: the file'),
    column('tag', 'TEXT', 'syslog: program'),
    column('facility', 'TEXT', 'syslog: facility', hidden),
    column('severity', 'BIGINT', 'syslog: 0 (emergency) to 7 (debug)', hidden),
    column('host', 'TEXT', 'syslog: host that it came from', hidden),
    column('datetime', 'TEXT', 'syslog: time as the sender wrote it', hidden),
    column('number', 'BIGINT', 'Number of the kind of audit record', hidden),
    column('category', 'TEXT', 'yara: category of file_paths', hidden),
    column('driver', 'TEXT', 'hardware: driver', hidden),
    column('vendor', 'TEXT', 'hardware: maker', hidden),
    column('vendor_id', 'TEXT', 'hardware: id of the maker', hidden),
    column('model', 'TEXT', 'hardware: model', hidden),
    column('model_id', 'TEXT', 'hardware: id of the model', hidden),
    column('serial', 'TEXT', 'hardware: serial number', hidden),
    column('revision', 'TEXT', 'hardware: revision', hidden),
    column('address', 'TEXT', 'user: where it came from', hidden),
    column('terminal', 'TEXT', 'user: terminal', hidden),
    column('verdict', 'TEXT', 'apparmor: ALLOWED, DENIED, AUDIT, STATUS, ...', hidden),
    column('operation', 'TEXT', 'apparmor: what was tried', hidden),
    column('profile', 'TEXT', 'apparmor: profile', hidden),
    column('name', 'TEXT', 'apparmor: what it was tried on; hardware: network interface', hidden),
    column('denied_mask', 'TEXT', 'apparmor: rights that were refused', hidden),
    column('requested_mask', 'TEXT', 'apparmor: rights that were asked for', hidden),
    column('capname', 'TEXT', 'apparmor: name of the capability', hidden),
    column('capability', 'BIGINT', 'apparmor: number of the capability', hidden),
    column('ppid', 'BIGINT', 'apparmor: parent as the record names it', hidden),
    column('fs_uid', 'BIGINT', 'apparmor: file system user id', hidden),
    column('object_uid', 'BIGINT', 'apparmor: owner of the file', hidden),
    column('info', 'TEXT', 'apparmor: more about it', hidden),
    column('error', 'TEXT', 'apparmor: error', hidden),
    column('namespace', 'TEXT', 'apparmor: namespace of policies', hidden),
    column('label', 'TEXT', 'apparmor: label', hidden),
    column('session', 'BIGINT', 'seccomp, user: login session', hidden),
    column('signal', 'BIGINT', 'seccomp: signal that was sent', hidden),
    column('arch', 'TEXT', 'seccomp: architecture', hidden),
    column('compat', 'BIGINT', 'seccomp: 1 in compatibility mode', hidden),
    column('ip', 'TEXT', 'seccomp: instruction pointer', hidden),
    column('code', 'TEXT', 'seccomp: what the filter said', hidden),
    column('matches', 'TEXT', 'yara: rules that match', hidden),
    column('match_count', 'BIGINT', 'yara: how many', hidden),
    column('strings', 'TEXT', 'yara: strings that were found', hidden),
    column('tags', 'TEXT', 'yara: tags of the rules', hidden),
    ...ACTOR_IDS,
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    column('parent', 'BIGINT', 'Process id of the parent', hidden),
    column('syscall', 'TEXT', 'seccomp: system call', hidden),
    TIME,
    UPTIME,
    EID,
    ...OWN,
  ],
  examples: ['SELECT topic, count(*) FROM host_events GROUP BY topic'],
};

import { type AuditRecord, numberOf } from './audit-record.ts';
import { AVC, SECCOMP, SELINUX_TYPES, USER_AVC, USER_TYPES } from './audit-types.ts';
import type { HostRow } from './feed.ts';
import { actionName, architectureName, callName } from './seccomp-names.ts';

type Columns = Record<string, string | number | undefined>;

/** The row of a record; undefined for a kind that no table shows. */
export function auditRow(record: AuditRecord): HostRow | undefined {
  const { type, fields } = record;
  const row = (topic: HostRow['topic'], columns: Columns): HostRow => ({
    topic,
    source: 'audit',
    ...(record.timeNs === undefined ? {} : { time_ns: record.timeNs }),
    number: type,
    ...who(record),
    ...columns,
  });
  // AppArmor writes AVC too, and so do programs that it guards (dbus) with USER_AVC.
  if (fields.has('apparmor')) return row('apparmor', appArmor(record));
  if (type === SECCOMP) return row('seccomp', seccomp(record));
  if (type === USER_AVC || (type >= AVC && type < 1500)) {
    const name = SELINUX_TYPES[type];
    return name === undefined ? undefined : row('selinux', { type: name, message: record.text });
  }
  if (type < 1100 || type > 1199) return undefined;
  return row('user', {
    type: USER_TYPES[type] ?? String(type),
    message: record.message === '' ? record.text : record.message,
    address: fields.get('addr'),
    terminal: fields.get('terminal'),
    session: numberOf(record, 'ses'),
  });
}

const IDS = ['uid', 'gid', 'auid', 'pid'] as const;

function who(record: AuditRecord): Columns {
  const ids = IDS.map((name) => {
    const value = numberOf(record, name);
    return [name, value === undefined || value < 0 || value > 0xffffffff ? undefined : value];
  });
  const { fields } = record;
  return { ...Object.fromEntries(ids), comm: fields.get('comm'), path: fields.get('exe') };
}

function appArmor(record: AuditRecord): Columns {
  const text = (name: string): string | undefined => record.fields.get(name);
  return {
    type: 'AA',
    message: record.text,
    verdict: text('apparmor'),
    operation: text('operation'),
    ppid: numberOf(record, 'parent'),
    profile: text('profile'),
    name: text('name'),
    denied_mask: text('denied_mask'),
    requested_mask: text('requested_mask'),
    capname: text('capname'),
    capability: numberOf(record, 'capability'),
    fs_uid: numberOf(record, 'fsuid'),
    object_uid: numberOf(record, 'ouid'),
    info: text('info'),
    error: text('error'),
    namespace: text('namespace'),
    label: text('label'),
  };
}

function seccomp(record: AuditRecord): Columns {
  const arch = architectureName(record.fields.get('arch') ?? '');
  const call = numberOf(record, 'syscall');
  const code = numberOf(record, 'code');
  return {
    message: record.text,
    session: numberOf(record, 'ses'),
    signal: numberOf(record, 'sig'),
    arch,
    syscall: call === undefined ? undefined : callName(arch, call),
    compat: numberOf(record, 'compat'),
    ip: record.fields.get('ip'),
    code: code === undefined ? undefined : actionName(code),
  };
}

import { basename } from 'node:path';
import { safeText } from './output/safe-text.ts';

/** A row of /tail: table, seq, and the table's shown columns. */
export type EventRow = Readonly<Record<string, string | number | null>>;

function shown(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function endpoint(address: string, port: string): string {
  if (address === '') return '';
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

const EVIDENCE = [
  ...['converted', 'extended', 'renamed', 'rewritten', 'erased', 'deleted', 'directories'],
  ...['connects', 'addresses', 'ports', 'execs', 'setuids'],
];

function respondedTo(row: EventRow): string {
  const asked = shown(row.asked);
  if (asked === '') return '';
  const why = shown(row.refusal);
  return ` → ${asked} ${shown(row.outcome)}${why === '' ? '' : ` (${why})`}`;
}

/** What happened, by table; anything unknown is its action. */
function what(row: EventRow): string {
  const action = shown(row.action ?? row.operation);
  switch (row.table) {
    case 'process_events':
      return `exec ${shown(row.path)} ${shown(row.cmdline)}`;
    case 'socket_events': {
      const local = endpoint(shown(row.local_address), shown(row.local_port));
      const remote = endpoint(shown(row.remote_address), shown(row.remote_port));
      const ends = [local, remote].filter((end) => end !== '');
      const unix = shown(row.socket) || shown(row.local_path);
      const path = ends.length === 0 ? unix : ends.join(' → ');
      const status = row.status === 'succeeded' ? '' : ` (${shown(row.status)})`;
      return `${action} ${path}${status}`;
    }
    case 'dns_events': {
      const outcome = shown(row.rcode ?? row.error);
      const asked = `${shown(row.query_type)} ${shown(row.query)}`.trim();
      return `${action} ${asked}${outcome === '' ? '' : ` → ${outcome}`}`;
    }
    case 'process_file_events':
    case 'file_events': {
      const dest = shown(row.dest_path);
      return `${action} ${shown(row.target_path ?? row.path)}${dest === '' ? '' : ` → ${dest}`}`;
    }
    case 'kernel_events': {
      const about = [action, ...[row.kind, row.name, row.object_path, row.other_path].map(shown)];
      const target = shown(row.target_pid);
      const whom = target === '' ? '' : ` → ${basename(shown(row.target_path)) || '?'}[${target}]`;
      const error = Number(row.error ?? 0) === 0 ? '' : ` (errno ${shown(row.error)})`;
      return `${about.filter((word) => word !== '').join(' ')}${whom}${error}`;
    }
    case 'behavior_events': {
      const counts = EVIDENCE.flatMap((name) => {
        const count = Number(row[name] ?? 0);
        return count === 0 ? [] : [`${name} ${count}`];
      });
      const scope = row.scope === 'tree' ? `tree ${shown(row.tree)}` : 'its cgroup';
      return `${action} by ${scope}: ${counts.join(', ')}${respondedTo(row)}`;
    }
    case 'host_events':
    case 'hardware_events':
    case 'user_events':
    case 'selinux_events':
    case 'apparmor_events':
    case 'seccomp_events':
    case 'syslog_events':
    case 'yara_events':
      return host(row);
    default:
      return `${action} ${shown(row.cmdline ?? '')}`;
  }
}

/** What the host told: the topic where the table has several, then what there is to say of it. */
function host(row: EventRow): string {
  const device = row.table === 'hardware_events' ? shown(row.path) || shown(row.sys_path) : '';
  const kind = row.table === 'user_events' ? row.name : row.type;
  const about = [row.topic, action(row), kind, device, row.vendor, row.model, row.tag];
  const file = [row.target_path, row.matches, row.syscall, row.code];
  const words = [...about, ...file, row.message].map(shown).filter((word) => word !== '');
  return words.join(' ');
}

const action = (row: EventRow): string => shown(row.action);

/** Who did it. In process_file_events the program is `executable` when there is such a column. */
function who(row: EventRow): string {
  if (row.table === 'hardware_events') return 'kernel';
  const program =
    row.table === 'process_events' ? row.parent_path : (row.executable ?? row.exe ?? row.path);
  const pid = row.table === 'process_events' ? row.parent : row.pid;
  return `${basename(shown(program)) || '?'}[${shown(pid)}]`;
}

/** Who did what, for a person; as the row has it, so not yet harmless to terminals. */
export function eventWords(row: EventRow): { readonly who: string; readonly what: string } {
  const count = Number(row.count ?? 1) > 1 ? ` (${row.count} times)` : '';
  return { who: who(row), what: `${what(row)}${count}` };
}

/** One line for a person: time, process, what. Harmless to terminals, without its line end. */
export function eventLine(row: EventRow): string {
  const time = new Date(Number(row.time) * 1000).toTimeString().slice(0, 8);
  const words = eventWords(row);
  return safeText(`${time} ${words.who.padEnd(20)} ${words.what}`);
}

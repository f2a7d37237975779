/** Event tables that osquery had until 2026, for the queries that still name them. */
import { type ColumnSpec, column, type EventTableSpec } from '../spec.ts';
import { OWN, TIME } from './common.ts';

const constant = (value: string | number | null) => ({ from: { how: 'constant', value } }) as const;

const HEAD: readonly ColumnSpec[] = [
  column('tid', 'BIGINT', 'Thread'),
  column('pid', 'BIGINT', 'Process id'),
  column('parent', 'BIGINT', 'Process id of the parent'),
  column('uid', 'BIGINT', 'Real user id'),
  column('gid', 'BIGINT', 'Real group id'),
  column('cid', 'INTEGER', 'cgroup v2 id', { from: 'cgroup_id' }),
];

const PROBE_ERROR = column(
  'probe_error',
  'INTEGER',
  'Always 0: column truncated says what was cut',
  {
    ...constant(0),
  },
);

const TAIL: readonly ColumnSpec[] = [
  column('ntime', 'TEXT', 'When it happened, nanoseconds since 1970', {
    from: { how: 'decimal', column: 'time_ns' },
  }),
  { ...TIME, hidden: true },
  column('eid', 'INTEGER', 'Order over all event tables', { hidden: true, from: { how: 'seq' } }),
];

/** weir's own columns, but for those whose names are taken. */
const rest = (columns: readonly ColumnSpec[]): ColumnSpec[] =>
  OWN.filter((own) => !columns.some(({ name }) => name === own.name));

const PROCESS: readonly ColumnSpec[] = [
  ...HEAD,
  column('exit_code', 'TEXT', 'Always 0: exec_failed_events has those that failed', {
    ...constant('0'),
  }),
  PROBE_ERROR,
  column('syscall', 'TEXT', 'System call'),
  column('path', 'TEXT', 'Executable'),
  column('cwd', 'TEXT', 'Working directory'),
  column('cmdline', 'TEXT', 'Arguments joined with one space'),
  column('duration', 'INTEGER', 'Not known', { ...constant(null) }),
  column('json_cmdline', 'TEXT', 'Arguments as a JSON array', { hidden: true }),
  ...TAIL,
];

const SOCKET: readonly ColumnSpec[] = [
  ...HEAD,
  column('exit_code', 'TEXT', 'errno of the call; 0 when it succeeded', {
    from: { how: 'decimal', column: 'error' },
  }),
  PROBE_ERROR,
  column('syscall', 'TEXT', 'System call'),
  column('path', 'TEXT', 'Executable'),
  column('fd', 'TEXT', 'Descriptor', { from: { how: 'decimal', column: 'fd' } }),
  column('family', 'INTEGER', 'Address family: 2 IPv4, 10 IPv6'),
  column('type', 'INTEGER', 'Kind of socket: 1 stream, 2 datagram', { from: 'socket_type' }),
  column('protocol', 'INTEGER', 'IP protocol'),
  column('local_address', 'TEXT', 'Own address'),
  column('remote_address', 'TEXT', 'Address of the other end'),
  column('local_port', 'INTEGER', 'Own port'),
  column('remote_port', 'INTEGER', 'Port of the other end'),
  column('duration', 'INTEGER', 'Nanoseconds; NULL when not known', { from: 'duration_ns' }),
  ...TAIL,
];

export const BPF_EVENTS: readonly EventTableSpec[] = [
  {
    name: 'bpf_process_events',
    description: 'process_events under the name and with the columns that osquery had until 2026',
    class: 'process',
    view: true,
    columns: [...PROCESS, ...rest(PROCESS)],
    examples: ['SELECT path, cmdline FROM bpf_process_events'],
  },
  {
    name: 'bpf_socket_events',
    description:
      'connect, accept, bind and listen of socket_events, as osquery had them until 2026',
    class: 'socket',
    only: { column: 'action', values: ['connect', 'accept', 'bind', 'listen'] },
    columns: [...SOCKET, ...rest(SOCKET)],
    examples: ['SELECT path, syscall, remote_address FROM bpf_socket_events'],
  },
];

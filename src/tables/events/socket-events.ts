import { column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

export const SOCKET_EVENTS: EventTableSpec = {
  name: 'socket_events',
  description:
    'connect, accept, bind, listen, datagram sends, and the ends of TCP connections, with both addresses',
  class: 'socket',
  columns: [
    column(
      'action',
      'TEXT',
      'connect, accept, bind, listen, send, or close (of a TCP connection, by whoever opened it)',
    ),
    column('pid', 'BIGINT', 'Process id'),
    column('path', 'TEXT', 'Executable of the process'),
    column('fd', 'TEXT', 'Descriptor of the socket', { from: { how: 'decimal', column: 'fd' } }),
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    column('family', 'INTEGER', 'Address family: 1 Unix, 2 IPv4 (mapped ones too), 10 IPv6'),
    column('protocol', 'INTEGER', 'IP protocol: 6 TCP, 17 UDP', { hidden: true }),
    column('local_address', 'TEXT', 'Own address'),
    column('remote_address', 'TEXT', 'Address of the other end'),
    column('local_port', 'INTEGER', 'Own port'),
    column('remote_port', 'INTEGER', 'Port of the other end'),
    column('socket', 'TEXT', 'Path of a Unix socket; @ stands for the NUL of an abstract one', {
      hidden: true,
      from: 'remote_path',
    }),
    TIME,
    UPTIME,
    EID,
    column('success', 'INTEGER', '1 when the call succeeded', {
      hidden: true,
      from: { how: 'equals', column: 'status', value: 'succeeded' },
    }),
    column('status', 'TEXT', 'succeeded, failed, or in_progress (a later row has the outcome)'),
    column(
      'remote_hostname',
      'TEXT',
      'Name whose DNS answer had the remote address: the one that the process itself asked for last, else another process of its network namespace; NULL when no answer was seen',
    ),
    ...OWN,
    ...ACTOR_IDS,
    column('parent', 'BIGINT', 'Process id of the parent'),
    column('error', 'INTEGER', 'errno of a failed call, or why a connection broke; 0 otherwise'),
    column('type', 'INTEGER', 'Socket type: 1 stream, 2 datagram', { from: 'socket_type' }),
    column('bytes', 'BIGINT', 'send: bytes of the first datagram; close: bytes sent', {
      hidden: true,
    }),
    column('bytes_received', 'BIGINT', 'close: bytes received', { hidden: true }),
    column('duration_ns', 'BIGINT', 'close: time since connect or accept, nanoseconds', {
      hidden: true,
    }),
    column('local_path', 'TEXT', 'Own path of a Unix socket', { hidden: true }),
    column('inode', 'BIGINT', 'Socket inode, as in /proc/PID/fd', { hidden: true }),
    column('net_ns', 'BIGINT', 'Network namespace', { hidden: true }),
    column('peer_pid', 'BIGINT', 'Unix stream sockets: process of the other end; 0 unknown', {
      hidden: true,
    }),
    column('syscall', 'TEXT', 'System call', { hidden: true }),
  ],
  examples: [
    "SELECT path, remote_address, remote_port FROM socket_events WHERE action = 'connect' AND family = 2",
    'SELECT p.path, s.remote_address FROM socket_events s JOIN process_events p USING (exec_id)',
  ],
};

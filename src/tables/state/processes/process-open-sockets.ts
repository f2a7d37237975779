import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { openSockets } from './open-sockets.ts';

export const processOpenSockets = defineTable({
  name: 'process_open_sockets',
  description: 'Sockets of all network namespaces, and the processes that have them open',
  rows: 500,
  columns: {
    pid: integer('Process id; -1 when no process has it open', {
      additional: true,
      operators: ['='],
    }),
    fd: bigint('File descriptor; -1 when no process has it open'),
    socket: bigint('Inode of the socket'),
    family: integer('Address family: 1 Unix, 2 IPv4, 10 IPv6, 17 packet'),
    protocol: integer('Protocol: 6 TCP, 17 UDP'),
    local_address: text('Local address'),
    remote_address: text('Remote address'),
    local_port: integer('Local port'),
    remote_port: integer('Remote port'),
    path: text('Path of a Unix socket; @ first for an abstract one'),
    state: text('State of a TCP connection'),
    net_namespace: text('Inode of the network namespace'),
  },
  examples: [
    "SELECT p.name, s.remote_address, s.remote_port FROM process_open_sockets s JOIN processes p USING (pid) WHERE s.state = 'ESTABLISHED'",
  ],
  *generate(context) {
    const asked = context.integers('pid');
    const pids = asked?.includes(-1) ? undefined : asked?.filter((pid) => pid > 0);
    for (const { info, pid, fd, namespace } of openSockets(context, pids)) {
      yield {
        pid,
        fd,
        socket: info.inode,
        family: info.family,
        protocol: info.protocol,
        local_address: info.localAddress,
        remote_address: info.remoteAddress,
        local_port: info.localPort,
        remote_port: info.remotePort,
        path: info.path,
        state: info.state,
        net_namespace: namespace,
      };
    }
  },
});

import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { openSockets } from './open-sockets.ts';
import { AF_UNIX } from './socket-lists.ts';

export const listeningPorts = defineTable({
  name: 'listening_ports',
  description: 'Sockets without a remote side: what listens, and datagram sockets that are bound',
  rows: 100,
  columns: {
    pid: integer('Process id; -1 when no process has it open'),
    port: integer('Local port; 0 for a Unix socket'),
    protocol: integer('Protocol: 6 TCP, 17 UDP'),
    family: integer('Address family: 1 Unix, 2 IPv4, 10 IPv6'),
    address: text('Local address'),
    fd: bigint('File descriptor'),
    socket: bigint('Inode of the socket'),
    path: text('Path of a Unix socket'),
    net_namespace: text('Inode of the network namespace'),
  },
  examples: [
    "SELECT p.name, l.address, l.port FROM listening_ports l JOIN processes p USING (pid) WHERE l.address NOT LIKE '127.%' AND l.family <> 1",
  ],
  *generate(context) {
    for (const { info, pid, fd, namespace } of openSockets(context, undefined)) {
      // A socket that is not connected; Unix sockets without a name are ends of pairs.
      if (info.remotePort !== 0 || (info.family === AF_UNIX && info.path === '')) continue;
      yield {
        pid,
        port: info.localPort,
        protocol: info.protocol,
        family: info.family,
        address: info.localAddress,
        fd,
        socket: info.inode,
        path: info.path,
        net_namespace: namespace,
      };
    }
  },
});

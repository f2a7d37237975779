/** Sockets of a network namespace, from /proc/PID/net. */
import { SocketAddress } from 'node:net';
import type { Host } from '../../host/host.ts';

export interface SocketInfo {
  readonly inode: string;
  readonly family: number;
  readonly protocol: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly path: string;
  readonly state: string;
}

export const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_PACKET = 17;

const PROTOCOLS = [
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['udplite', 136],
  ['raw', 255],
] as const;

/** By number, as include/net/tcp_states.h has them. */
const TCP_STATES = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSED',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];

/** A busy server has a hundred thousand connections of 150 bytes each. */
const LIMIT = { limit: 64 << 20, quiet: true };

/** Four bytes at a time in the byte order of the processor, which is little-endian. */
function addressBytes(hex: string): number[] {
  const bytes = [...Buffer.from(hex, 'hex')];
  for (let i = 0; i + 3 < bytes.length; i += 4)
    bytes.splice(i, 4, ...bytes.slice(i, i + 4).reverse());
  return bytes;
}

const known = new Map<string, string>();

function address(hex: string): string {
  let text = known.get(hex);
  if (text !== undefined) return text;
  const bytes = addressBytes(hex);
  if (bytes.length === 4) {
    text = bytes.join('.');
  } else {
    const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
    text = new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
  }
  if (known.size > 10_000) known.clear();
  known.set(hex, text);
  return text;
}

function* inet(lines: readonly string[], family: number, protocol: number): Iterable<SocketInfo> {
  for (const line of lines) {
    const [, local = '', remote = '', state = '', , , , , , inode] = line.trim().split(/\s+/);
    if (inode === undefined) continue;
    const [localHex = '', localPort = ''] = local.split(':');
    const [remoteHex = '', remotePort = ''] = remote.split(':');
    yield {
      inode,
      family,
      protocol,
      localAddress: address(localHex),
      localPort: Number.parseInt(localPort, 16),
      remoteAddress: address(remoteHex),
      remotePort: Number.parseInt(remotePort, 16),
      path: '',
      state: protocol === 6 ? (TCP_STATES[Number.parseInt(state, 16)] ?? 'UNKNOWN') : '',
    };
  }
}

function other(inode: string, family: number, protocol: number, path: string): SocketInfo {
  const none = { localAddress: '', localPort: 0, remoteAddress: '', remotePort: 0, state: '' };
  return { inode, family, protocol, path, ...none };
}

/** Num RefCount Protocol Flags Type St Inode Path; a path may hold blanks. */
const UNIX = /^\S+ \S+ ([0-9A-F]+) \S+ \S+ \S+ +(\d+) ?(.*)$/;

/** @param net folder such as /proc/1/net: sockets of the network namespace of that process */
export function* socketList(host: Host, net: string): Iterable<SocketInfo> {
  const lines = (name: string): string[] => host.lines(`${net}/${name}`, LIMIT).slice(1);
  for (const [name, protocol] of PROTOCOLS) {
    yield* inet(lines(name), AF_INET, protocol);
    yield* inet(lines(`${name}6`), AF_INET6, protocol);
  }
  for (const line of lines('unix')) {
    const [, protocol = '', inode, path = ''] = UNIX.exec(line) ?? [];
    if (inode !== undefined) yield other(inode, AF_UNIX, Number.parseInt(protocol, 16), path);
  }
  for (const line of lines('packet')) {
    // sk RefCnt Type Proto Iface R Rmem User Inode
    const [, , , protocol = '', , , , , inode] = line.trim().split(/\s+/);
    if (inode !== undefined) yield other(inode, AF_PACKET, Number.parseInt(protocol, 16), '');
  }
}

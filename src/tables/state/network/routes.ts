import { defineTable, integer, text } from '../../bridge/table.ts';
import { addressText } from './addresses.ts';
import { linkNames } from './interfaces.ts';
import { AF_INET, AF_INET6, askRoutes, RTM } from './rtnetlink.ts';

/** struct rtmsg: family, lengths of destination and source, tos, table, protocol, scope, type, flags. */
const ROUTE_BODY = 12;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_METRICS = 8;
const RTA_MULTIPATH = 9;
/** Inside RTA_METRICS. */
const RTAX_MTU = 2;
const RTAX_HOPLIMIT = 10;
/** A copy that the kernel made of a route for one destination, not part of the table. */
const RTM_F_CLONED = 0x200;

const TYPES: Readonly<Record<number, string>> = {
  1: 'gateway',
  2: 'local',
  3: 'broadcast',
  4: 'anycast',
};

/** A number of RTA_METRICS, 0 when the route sets none. */
function metric(metrics: Buffer | undefined, wanted: number): number {
  for (let at = 0; metrics !== undefined && at + 8 <= metrics.length; ) {
    const size = metrics.readUInt16LE(at);
    if (size < 8) break;
    if (metrics.readUInt16LE(at + 2) === wanted) return metrics.readUInt32LE(at + 4);
    at += (size + 3) & ~3;
  }
  return 0;
}

/** Ways of a route that has several: struct rtnexthop, each with attributes of its own. */
function hops(multipath: Buffer): { readonly index: number; readonly gateway: string }[] {
  const found = [];
  for (let at = 0; at + 8 <= multipath.length; ) {
    const size = multipath.readUInt16LE(at);
    if (size < 8 || at + size > multipath.length) break;
    const index = multipath.readInt32LE(at + 4);
    const nested = multipath.subarray(at + 8, at + size);
    const is = nested.length >= 4 && nested.readUInt16LE(2) === RTA_GATEWAY;
    const gateway = is ? addressText(nested.subarray(4, nested.readUInt16LE(0))) : '';
    found.push({ index, gateway });
    at += (size + 3) & ~3;
  }
  return found;
}

export const routes = defineTable({
  name: 'routes',
  description:
    'Routes of all tables of the host, IPv4 and IPv6, from the kernel (rtnetlink); one row for each way of a route that has several',
  rows: 30,
  columns: {
    destination: text('Address of the net; 0.0.0.0 or :: for any'),
    netmask: integer('Length of its prefix'),
    gateway: text('Next hop'),
    source: text('Address that packets are sent from'),
    flags: integer('Flags, as in linux/rtnetlink.h'),
    interface: text('Network interface'),
    mtu: integer('Bytes of a packet at most; 0 when the route sets none'),
    metric: integer('The least is taken'),
    type: text('gateway, local, broadcast, anycast or other', { additional: true, operators: [] }),
    hopcount: integer('Hops that packets may take; 0 when the route sets none'),
  },
  examples: ["SELECT gateway, interface FROM routes WHERE destination = '0.0.0.0' AND netmask = 0"],
  *generate(context) {
    const names = linkNames(context);
    for (const { body, attributes } of askRoutes(context, RTM.GETROUTE, ROUTE_BODY)) {
      const family = body[0];
      const flags = body.readUInt32LE(8);
      if ((family !== AF_INET && family !== AF_INET6) || (flags & RTM_F_CLONED) !== 0) continue;
      const any = family === AF_INET ? '0.0.0.0' : '::';
      const metrics = attributes.get(RTA_METRICS);
      const row = {
        destination: addressText(attributes.get(RTA_DST)) || any,
        netmask: body[1],
        source: addressText(attributes.get(RTA_PREFSRC)),
        flags,
        mtu: metric(metrics, RTAX_MTU),
        metric: attributes.get(RTA_PRIORITY)?.readUInt32LE() ?? 0,
        type: TYPES[body[7] ?? 0] ?? 'other',
        hopcount: metric(metrics, RTAX_HOPLIMIT),
      };
      const only = {
        index: attributes.get(RTA_OIF)?.readInt32LE() ?? 0,
        gateway: addressText(attributes.get(RTA_GATEWAY)),
      };
      const several = attributes.get(RTA_MULTIPATH);
      for (const { index, gateway } of several === undefined ? [only] : hops(several)) {
        yield { ...row, gateway, interface: names.get(index) ?? '' };
      }
    }
  },
});

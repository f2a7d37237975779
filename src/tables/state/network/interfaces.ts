import type { TableContext } from '../../bridge/context.ts';
import { askRoutes, nameOf, type RouteMessage, RTM } from './rtnetlink.ts';

/** struct ifinfomsg: family, type (2 bytes at 2), index (at 4), flags (at 8), change. */
const LINK_BODY = 16;
const IFLA_IFNAME = 3;

export type Asking = Pick<TableContext, 'host' | 'once'>;

export interface Link extends RouteMessage {
  readonly index: number;
  readonly name: string;
  /** ARPHRD_ETHER and the like, linux/if_arp.h */
  readonly type: number;
  /** IFF_UP and the like, linux/if.h */
  readonly flags: number;
}

export function links(context: Asking): Link[] {
  return askRoutes(context, RTM.GETLINK, LINK_BODY).map((message) => ({
    ...message,
    index: message.body.readInt32LE(4),
    name: nameOf(message.attributes.get(IFLA_IFNAME)),
    type: message.body.readUInt16LE(2),
    flags: message.body.readUInt32LE(8),
  }));
}

/** Names by index. */
export function linkNames(context: Asking): ReadonlyMap<number, string> {
  return new Map(links(context).map(({ index, name }) => [index, name]));
}

/**
 * Answers of the kernel about links, addresses and routes: rtnetlink(7). Numbers are in the byte order
 * of the machine, which is little-endian wherever weir runs; addresses are in that of the network.
 */
import { native } from '../../../native/addon.ts';
import type { TableContext } from '../../bridge/context.ts';

/** linux/rtnetlink.h */
export const RTM = { GETLINK: 18, GETADDR: 22, GETROUTE: 26 } as const;

/** linux/socket.h */
export const AF_INET = 2;
export const AF_INET6 = 10;

const HEADER = 16;
/** Flags in the type of an attribute: nested, network byte order. */
const TYPE_MASK = 0x3fff;

/** One answer: what comes before its attributes, and those by type; the last of a type counts. */
export interface RouteMessage {
  readonly body: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

const aligned = (size: number): number => (size + 3) & ~3;

function attributesOf(bytes: Buffer): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16LE(at);
    if (size < 4 || at + size > bytes.length) break;
    attributes.set(bytes.readUInt16LE(at + 2) & TYPE_MASK, bytes.subarray(at + 4, at + size));
    at += aligned(size);
  }
  return attributes;
}

/**
 * Messages of one type out of a dump.
 *
 * @param bodySize bytes before the attributes
 */
export function routeMessages(bytes: Buffer, type: number, bodySize: number): RouteMessage[] {
  const messages: RouteMessage[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    if (size < HEADER || at + size > bytes.length) break;
    const end = at + HEADER + bodySize;
    if (bytes.readUInt16LE(at + 4) === type && end <= at + size) {
      messages.push({
        body: bytes.subarray(at + HEADER, end),
        attributes: attributesOf(bytes.subarray(aligned(end), at + size)),
      });
    }
    at += aligned(size);
  }
  return messages;
}

/** Asks the kernel, for the whole statement once. A test's or a container's root has none. */
export function askRoutes(
  context: Pick<TableContext, 'host' | 'once'>,
  request: number,
  bodySize: number,
): readonly RouteMessage[] {
  if (context.host.root !== '') return [];
  // An answer's type is two below the request's: RTM_NEWLINK is 16.
  return context.once(`rtnetlink ${request}`, () =>
    routeMessages(native.tables.routeDump(request), request - 2, bodySize),
  );
}

/** Text of a name without the zero byte at its end. */
export function nameOf(bytes: Buffer | undefined): string {
  return bytes === undefined ? '' : bytes.toString().replace(/\0.*$/s, '');
}

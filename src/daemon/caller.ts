import type { Socket } from 'node:net';
import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import type { NativePeer } from '../native/net.ts';
import { groupId } from './socket-file.ts';

/** Node shows the descriptor of a socket nowhere else. */
interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

/** @throws Error when the connection is gone */
function peerOf(socket: Socket): NativePeer {
  return native.peerOf((socket as unknown as WithHandle)._handle?.fd ?? -1);
}

/** Whether the caller is one of those that `mayControl` lets through; one that is gone is none. */
export function isController(socket: Socket, group: string | undefined): boolean {
  try {
    mayControl(socket, group);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the caller may change things: root, whoever the daemon runs as, and members of the
 * configured group. The group is looked up each time, as groups come and go while a daemon runs;
 * membership is what the caller had when it connected.
 *
 * @throws WeirError NOT_PERMITTED (77)
 */
export function mayControl(socket: Socket, group: string | undefined): void {
  const { uid, gid, groups } = peerOf(socket);
  if (uid === 0 || uid === process.geteuid?.()) return;
  const allowed = group === undefined ? undefined : groupId(group);
  if (allowed !== undefined && (gid === allowed || groups.includes(allowed))) return;
  const who = group === undefined ? 'root' : `root and the group ${group}`;
  const message = `only ${who} may do this; user id ${uid} may ask, not change`;
  throw new WeirError('NOT_PERMITTED', message, { exitCode: 77 });
}

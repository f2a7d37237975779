import type { TableContext } from '../../bridge/context.ts';
import { openFiles, processFiles } from '../../host/proc-files.ts';
import { type SocketInfo, socketList } from './socket-lists.ts';

export interface OpenSocket {
  readonly info: SocketInfo;
  /** -1 when no process has it open. */
  readonly pid: number;
  readonly fd: number;
  readonly namespace: string;
}

interface Holder {
  readonly pid: number;
  readonly fd: number;
}

/** By inode, the processes that have the socket open: there may be several. */
function holders(context: TableContext, pids: readonly number[]): ReadonlyMap<string, Holder[]> {
  const byInode = new Map<string, Holder[]>();
  const warn = (message: string): void => context.warn(message);
  for (const { pid, fd, target } of openFiles(context.host, pids, warn)) {
    if (typeof target !== 'string' || !target.startsWith('socket:[')) continue;
    const inode = target.slice('socket:['.length, -1);
    const known = byInode.get(inode);
    if (known === undefined) byInode.set(inode, [{ pid, fd }]);
    else known.push({ pid, fd });
  }
  return byInode;
}

/** Network namespaces of processes, each with one process that is in it. */
function namespaces(context: TableContext, pids: readonly number[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const files of processFiles(context.host, pids, ['@ns/net'], () => {})) {
    const inode = /\[(\d+)\]$/.exec(files.text('@ns/net'))?.[1];
    if (inode !== undefined && !first.has(inode)) first.set(inode, files.pid);
  }
  return first;
}

/**
 * Sockets and who has them open. One that several processes have is several.
 *
 * @param pids only sockets of these processes; undefined: all, those of nobody too
 */
export function* openSockets(
  context: TableContext,
  pids: readonly number[] | undefined,
): Iterable<OpenSocket> {
  const all = pids ?? context.host.pids();
  const byInode = holders(context, all);
  if (pids !== undefined && byInode.size === 0) return;
  for (const [namespace, pid] of namespaces(context, all)) {
    context.checkpoint();
    const net = `/proc/${pid}/net`;
    if (pids === undefined) {
      for (const info of socketList(context.host, net)) {
        // Inode 0 is a connection that has ended or is not accepted yet: nobody has it.
        const nobody: readonly Holder[] = [{ pid: -1, fd: -1 }];
        const having = byInode.get(info.inode) ?? nobody;
        for (const holder of having) yield { info, ...holder, namespace };
      }
    } else {
      // The look-ups of a join read each namespace once, and find their few sockets by inode.
      const infos = context.once(
        `sockets ${namespace}`,
        () => new Map([...socketList(context.host, net)].map((info) => [info.inode, info])),
      );
      for (const [inode, having] of byInode) {
        const info = infos.get(inode);
        if (info === undefined) continue;
        for (const holder of having) yield { info, ...holder, namespace };
      }
    }
  }
}

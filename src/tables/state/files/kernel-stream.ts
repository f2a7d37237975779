import { type BigIntStats, statfsSync } from 'node:fs';
import type { TableContext } from '../../bridge/context.ts';
import { fromBytePath, shownPath, toBytePath } from '../../host/byte-path.ts';

const PROC_SUPER_MAGIC = 0x9fa0;
const TRACEFS_MAGIC = 0x74726163;
const DEBUGFS_MAGIC = 0x64626720;

/**
 * Whether it is a file of the kernel that reading uses up (kmsg, trace_pipe) or that has no end
 * (kcore): it must not be read. Warns when it is.
 *
 * @param path byte path of a regular file
 */
export function isKernelStream(context: TableContext, path: string, stat?: BigIntStats): boolean {
  const facts = stat ?? context.host.stat(fromBytePath(path));
  // What has blocks on a disk is no stream.
  if (facts === undefined || facts.blocks !== 0n) return false;
  let type: number;
  try {
    ({ type } = statfsSync(fromBytePath(`${toBytePath(context.host.root)}${path}`)));
  } catch {
    return false; // it is gone
  }
  const stream =
    type === PROC_SUPER_MAGIC
      ? /\/k(?:msg|core)$/.test(path)
      : type === TRACEFS_MAGIC || type === DEBUGFS_MAGIC;
  if (stream) context.warn(`${String(shownPath(path))} is a stream of the kernel and is not read`);
  return stream;
}

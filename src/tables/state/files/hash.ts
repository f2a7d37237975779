import type { TableContext } from '../../bridge/context.ts';
import { defineTable, MOUNT_NAMESPACE_ID, PID_WITH_NAMESPACE, text } from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { askedPaths } from './asked-paths.ts';
import { ALGORITHMS, type Digests, digests } from './digest.ts';
import { isKernelStream } from './kernel-stream.ts';

/** undefined: no regular file. No digests: it may not be read, which was warned about. */
function hashFile(context: TableContext, path: string): Digests | undefined {
  const wanted = ALGORITHMS.filter((algorithm) => context.uses(algorithm));
  const at = fromBytePath(path);
  const stat = context.host.stat(at);
  if (stat?.isFile() !== true) return undefined;
  if (isKernelStream(context, path, stat)) return {};
  if (wanted.length === 0) return {};
  const made = context.host.withOpen(at, (file) =>
    digests(file, wanted, () => context.checkpoint()),
  );
  return made ?? {};
}

export const hash = defineTable({
  name: 'hash',
  description:
    'Hashes of regular files, by name or pattern as in `file`; kept while device, inode, size and times stay the same',
  columns: {
    path: text('Path', { required: true, index: true, optimized: true }),
    directory: text('Folder that the file is in', { required: true, optimized: true }),
    md5: text('MD5', { collate: 'nocase' }),
    sha1: text('SHA-1', { collate: 'nocase' }),
    sha256: text('SHA-256', { collate: 'nocase' }),
    pid_with_namespace: PID_WITH_NAMESPACE,
    mount_namespace_id: MOUNT_NAMESPACE_ID,
  },
  examples: [
    "SELECT sha256 FROM hash WHERE path = '/bin/sh'",
    'SELECT p.pid, p.path, h.sha256 FROM processes p JOIN hash h ON h.path = p.path WHERE p.uid = 0',
  ],
  *generate(context) {
    for (const { path, directory } of askedPaths(context)) {
      const made = hashFile(context, path);
      if (made === undefined) continue;
      yield { path: shownPath(path), directory: shownPath(directory), ...made };
    }
  },
});

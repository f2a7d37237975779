import type { BigIntStats } from 'node:fs';
import {
  bigint,
  defineTable,
  elsewhere,
  integer,
  MOUNT_NAMESPACE_ID,
  PID_WITH_NAMESPACE,
  text,
} from '../../bridge/table.ts';
import { fromBytePath, shownPath } from '../../host/byte-path.ts';
import { askedPaths, fileName } from './asked-paths.ts';

function typeOf(stat: BigIntStats): string {
  if (stat.isFile()) return 'regular';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isBlockDevice()) return 'block';
  if (stat.isCharacterDevice()) return 'character';
  if (stat.isFIFO()) return 'fifo';
  return stat.isSocket() ? 'socket' : 'unknown';
}

/** Permissions as osquery shows them: four octal digits. */
export function permissions(mode: bigint): string {
  return (mode & 0o7777n).toString(8).padStart(4, '0');
}

const seconds = (nanoseconds: bigint): bigint => nanoseconds / 1_000_000_000n;

export const file = defineTable({
  name: 'file',
  description:
    'Files by name or pattern: `%` is any part of one name, `%%` at the end everything below, without /proc and /sys and without following links',
  columns: {
    path: text('Path', { required: true, index: true, optimized: true }),
    directory: text('Folder that the file is in', { required: true, optimized: true }),
    filename: text('Name in it'),
    inode: bigint('Inode'),
    uid: bigint('Owner'),
    gid: bigint('Group'),
    mode: text('Permissions, four octal digits'),
    device: bigint('Device number of a device file'),
    size: bigint('Bytes'),
    block_size: integer('Preferred size of reads'),
    atime: bigint('Last access, seconds since 1970'),
    mtime: bigint('Last change of the contents'),
    ctime: bigint('Last change of the inode'),
    btime: bigint('Creation; 0 where the file system does not keep it'),
    hard_links: integer('Number of names'),
    symlink: integer('1 for a symbolic link: the other columns are of what it leads to'),
    type: text('regular, directory, symlink (that leads nowhere), block, character, fifo, socket'),
    symlink_target_path: text('Where a symbolic link leads, as it says'),
    attributes: elsewhere('TEXT'),
    volume_serial: elsewhere('TEXT'),
    file_id: elsewhere('TEXT'),
    file_version: elsewhere('TEXT', { collate: 'version' }),
    product_version: elsewhere('TEXT', { collate: 'version' }),
    original_filename: elsewhere('TEXT'),
    shortcut_target_path: elsewhere('TEXT'),
    shortcut_target_type: elsewhere('TEXT'),
    shortcut_target_location: elsewhere('TEXT'),
    shortcut_start_in: elsewhere('TEXT'),
    shortcut_run: elsewhere('TEXT'),
    shortcut_comment: elsewhere('TEXT'),
    bsd_flags: elsewhere('TEXT'),
    pid_with_namespace: PID_WITH_NAMESPACE,
    mount_namespace_id: MOUNT_NAMESPACE_ID,
  },
  examples: [
    "SELECT path, mode, uid FROM file WHERE path LIKE '/etc/%.conf'",
    "SELECT path, size FROM file WHERE directory = '/tmp'",
    "SELECT path FROM file WHERE path LIKE '/etc/cron%%' AND mtime > strftime('%s', 'now') - 86400",
  ],
  *generate(context) {
    const { host } = context;
    for (const { path, directory } of askedPaths(context)) {
      const at = fromBytePath(path);
      const link = host.lstat(at);
      if (link === undefined) continue;
      const symlink = link.isSymbolicLink();
      const stat = (symlink ? host.stat(at) : undefined) ?? link;
      yield {
        path: shownPath(path),
        directory: shownPath(directory),
        filename: shownPath(fileName(path)),
        inode: stat.ino,
        uid: stat.uid,
        gid: stat.gid,
        mode: permissions(stat.mode),
        device: stat.rdev,
        size: stat.size,
        block_size: stat.blksize,
        atime: seconds(stat.atimeNs),
        mtime: seconds(stat.mtimeNs),
        ctime: seconds(stat.ctimeNs),
        btime: seconds(stat.birthtimeNs),
        hard_links: stat.nlink,
        symlink,
        type: typeOf(stat),
        symlink_target_path: symlink ? host.exactLink(at) : '',
      };
    }
  },
});

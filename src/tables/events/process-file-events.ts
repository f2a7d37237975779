import { type ColumnSpec, column, type EventTableSpec } from '../spec.ts';
import { EID, OWN, TIME, UPTIME } from './common.ts';

const id = (name: string, description: string): ColumnSpec =>
  column(name, 'TEXT', description, { from: { how: 'decimal', column: name } });

export const PROCESS_FILE_EVENTS: EventTableSpec = {
  name: 'process_file_events',
  description: 'All changes to files with the process that made them',
  class: 'file',
  columns: [
    column(
      'operation',
      'TEXT',
      'create, open_write, open_read, close_write, rename, unlink, link, symlink, mkdir, rmdir, mknod, chmod, chown, truncate, mmap_write (mapped shared and writable); attributes (extended ones, and where the kernel does not say which: mode, owner, times)',
      { from: 'action' },
    ),
    column('pid', 'BIGINT', 'Process id'),
    column('ppid', 'BIGINT', 'Process id of the parent', { from: 'parent' }),
    TIME,
    column('executable', 'TEXT', 'Executable of the process', { from: 'path' }),
    column('partial', 'TEXT', 'true when the path came from the caller’s memory', {
      from: {
        how: 'map',
        column: 'source',
        map: { kernel: 'false', user: 'true', proc: 'true', netlink: 'true', fanotify: 'false' },
      },
    }),
    column('cwd', 'TEXT', 'Working directory of the process when it started'),
    column('path', 'TEXT', 'The file', { from: 'target_path' }),
    column(
      'dest_path',
      'TEXT',
      'rename, link: new name; symlink: what it points to; attributes: which, such as security.capability',
      {
        from: { how: 'default', column: 'dest_path', value: '' },
      },
    ),
    id('uid', 'Real user id'),
    id('gid', 'Real group id'),
    id('auid', 'Login user id; 4294967295 when there is none'),
    id('euid', 'Effective user id'),
    id('egid', 'Effective group id'),
    id('fsuid', 'File system user id'),
    id('fsgid', 'File system group id'),
    id('suid', 'Saved user id'),
    id('sgid', 'Saved group id'),
    UPTIME,
    EID,
    ...OWN,
    column('fd', 'BIGINT', 'Descriptor', { hidden: true }),
    column('dev', 'BIGINT', 'Device', { hidden: true }),
    column('inode', 'BIGINT', 'Inode'),
    column('size', 'BIGINT', 'Bytes of the file', { hidden: true }),
    column('mode', 'TEXT', 'Mode of the file, octal; 0 where only its name is known', {
      from: { how: 'octal', column: 'mode' },
    }),
    column('owner_uid', 'BIGINT', 'Owner of the file', { hidden: true }),
    column('owner_gid', 'BIGINT', 'Group of the file', { hidden: true }),
    column('nlink', 'INTEGER', 'Names that the file has', { hidden: true }),
    column('category', 'TEXT', 'Category of file_paths; NULL when in none', { hidden: true }),
    column('atime', 'BIGINT', 'Last access of the file, seconds', { hidden: true }),
    column('mtime', 'BIGINT', 'Last change of the file, seconds', { hidden: true }),
    column('ctime', 'BIGINT', 'Last status change of the file, seconds', { hidden: true }),
    column('open_flags', 'BIGINT', 'Flags of open(2)', { hidden: true }),
    column('requested', 'BIGINT', 'chmod: mode asked for; rename: flags; mmap_write: protection', {
      hidden: true,
    }),
    column('syscall', 'TEXT', 'System call', { hidden: true }),
  ],
  examples: [
    "SELECT executable, operation, path FROM process_file_events WHERE operation = 'unlink'",
  ],
};

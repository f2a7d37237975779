import { column, type EventTableSpec } from '../spec.ts';
import { EID, OWN, TIME, UPTIME } from './common.ts';

/** Stored action -> osquery's word. rename is not here: it is two rows of this face. */
const ACTIONS = {
  create: 'CREATED',
  mkdir: 'CREATED',
  mknod: 'CREATED',
  link: 'CREATED',
  symlink: 'CREATED',
  open_write: 'OPENED',
  open_read: 'ACCESSED',
  close_write: 'UPDATED',
  truncate: 'UPDATED',
  unlink: 'DELETED',
  rmdir: 'DELETED',
  chmod: 'ATTRIBUTES_MODIFIED',
  chown: 'ATTRIBUTES_MODIFIED',
  mmap_write: 'UPDATED',
  attributes: 'ATTRIBUTES_MODIFIED',
};

export const FILE_EVENTS: EventTableSpec = {
  name: 'file_events',
  description:
    'Changes to files as osquery names them. With file_paths configured only those, with their category; without, all. A rename is two rows',
  class: 'file',
  face: 'file_events',
  columns: [
    column('target_path', 'TEXT', 'The file'),
    column('category', 'TEXT', 'Category of file_paths; empty when none are configured', {
      from: { how: 'default', column: 'category', value: '' },
    }),
    column(
      'action',
      'TEXT',
      'CREATED, UPDATED, DELETED, MOVED_FROM, MOVED_TO, ATTRIBUTES_MODIFIED, OPENED, ACCESSED',
      { from: { how: 'map', column: 'action', map: ACTIONS } },
    ),
    column('transaction_id', 'BIGINT', 'Rows of one operation share it', { from: 'op_id' }),
    column('inode', 'BIGINT', 'Inode'),
    column('uid', 'BIGINT', 'Owner of the file', { from: 'owner_uid' }),
    column('gid', 'BIGINT', 'Group of the file', { from: 'owner_gid' }),
    column('mode', 'TEXT', 'Mode of the file, octal', { from: { how: 'octal', column: 'mode' } }),
    column('size', 'BIGINT', 'Bytes of the file'),
    column('atime', 'BIGINT', 'Last access, seconds'),
    column('mtime', 'BIGINT', 'Last change, seconds'),
    column('ctime', 'BIGINT', 'Last status change, seconds'),
    column('md5', 'TEXT', 'Always empty: join the hash table', {
      from: { how: 'constant', value: '' },
      collate: 'nocase',
    }),
    column('sha1', 'TEXT', 'Always empty: join the hash table', {
      from: { how: 'constant', value: '' },
      collate: 'nocase',
    }),
    column('sha256', 'TEXT', 'Always empty: join the hash table', {
      from: { how: 'constant', value: '' },
      collate: 'nocase',
    }),
    column('hashed', 'INTEGER', 'Always 0', { from: { how: 'constant', value: 0 } }),
    TIME,
    EID,
    ...OWN,
    column('pid', 'BIGINT', 'Process that did it'),
    column('path', 'TEXT', 'Executable that did it'),
    column('operation', 'TEXT', 'What was done, in weir’s words (see process_file_events)', {
      from: 'action',
    }),
    column(
      'dest_path',
      'TEXT',
      'rename, link: new name; symlink: what it points to; attributes: which',
    ),
    column('parent', 'BIGINT', 'Process id of the parent', { hidden: true }),
    column('process_uid', 'BIGINT', 'User of the process', { from: 'uid' }),
    column('auid', 'BIGINT', 'Login user id of the process', { hidden: true }),
    UPTIME,
    column('dev', 'BIGINT', 'Device', { hidden: true }),
    column('nlink', 'INTEGER', 'Names that the file has', { hidden: true }),
    column('syscall', 'TEXT', 'System call', { hidden: true }),
  ],
  examples: ["SELECT action, target_path, path FROM file_events WHERE target_path LIKE '/etc/%'"],
};

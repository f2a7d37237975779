import { readSync } from 'node:fs';
import { native } from '../../native/addon.ts';
import type { FileDatabase } from '../../native/file-databases.ts';
import type { TableContext } from '../bridge/context.ts';
import { fromBytePath } from '../host/byte-path.ts';
import type { Host, HostUser } from '../host/host.ts';

/** Byte of SQLite's header that says how it is read: 2 with a log beside it. */
const READ_VERSION = 18;
const WITH_LOG = 2;

/**
 * Who decides where a path leads: the owner of the first folder, file or link on it that is not
 * root's. With no more rights than theirs the file is opened, or whoever owns a home could have
 * root read what they may not.
 */
function whoLeads(host: Host, path: string): HostUser | undefined {
  const names = path.split('/');
  for (let i = 2; i <= names.length; i++) {
    const stat = host.lstat(fromBytePath(names.slice(0, i).join('/')));
    if (stat !== undefined && stat.uid !== 0n) {
      return { uid: Number(stat.uid), gid: Number(stat.gid) };
    }
  }
  return undefined;
}

function hasLog(file: number): boolean {
  const byte = Buffer.alloc(1);
  return readSync(file, byte, 0, 1, READ_VERSION) === 1 && byte[0] === WITH_LOG;
}

/**
 * Opens a database of somebody else, with what its log holds, to read the rows of a query. Nothing is
 * written beside it, and no locks are taken.
 *
 * @param path byte path
 * @returns undefined when there is no such file, or it may not be read, which is warned about
 * @throws Error with SQLite's message
 */
export function openDatabase(
  context: TableContext,
  path: string,
  query: string,
): FileDatabase | undefined {
  const user = whoLeads(context.host, path);
  const host = user === undefined ? context.host : context.host.as(user);
  const open = (file: number, log: number): FileDatabase =>
    native.fileDatabases.open(context.connection, file, log, query);
  return host.withDescriptor(fromBytePath(path), (file) => {
    const log = fromBytePath(`${path}-wal`);
    const logged = hasLog(file) && (host.stat(log)?.size ?? 0n) > 0n;
    const opened = logged
      ? host.withDescriptor(log, (descriptor) => open(file, descriptor))
      : undefined;
    return opened ?? open(file, -1);
  });
}

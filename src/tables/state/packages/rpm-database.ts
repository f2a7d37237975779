/** rpm's database: SQLite since rpm 4.16 (RHEL 9, Fedora 33); older ones are not read. */
import type { DatabaseSync } from 'node:sqlite';
import type { TableContext } from '../../bridge/context.ts';
import type { Host } from '../../host/host.ts';
import { RpmHeader } from './rpm-header.ts';

/** Where distributions keep it; the second is a link to the first, or the other way round. */
const FOLDERS = ['/var/lib/rpm', '/usr/lib/sysimage/rpm'];
const OTHERS = { Packages: 'Berkeley DB', 'Packages.db': 'NDB' };
/** Of a container's database, which is read into memory. */
const LIMIT = 512 << 20;

/** Bytes of SQLite's header that say that changes are in a journal beside the file. */
const JOURNAL = [18, 19] as const;

/**
 * Opens it as it lies there, without locks and without the journal: SQLite would make files beside
 * it, and weir writes nothing there. A container's goes by its bytes: SQLite resolves links by
 * itself, and would follow a container's out of it.
 */
function open(host: Host, path: string): DatabaseSync | undefined {
  // Not with the other imports: each query thread has all tables, few ask for this one. Node's own
  // SQLite is for files that weir never has open: docs/decisions/one-sqlite.md.
  const { DatabaseSync: Sqlite } = process.getBuiltinModule('node:sqlite');
  if (host.root === '') {
    if (!host.exists(path)) return undefined;
    return new Sqlite(new URL(`file://${path}?immutable=1`), { readOnly: true });
  }
  const bytes = host.bytes(path, { limit: LIMIT });
  if (bytes === undefined || bytes.length === 0) return undefined;
  for (const at of JOURNAL) bytes[at] = 1;
  const database = new Sqlite(':memory:');
  try {
    database.deserialize(bytes);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What is looked for: all packages, those of a name, or those that have a file of a name. */
export type Wanted =
  | { readonly by: 'all' }
  | { readonly by: 'Name' | 'Basenames'; readonly values: readonly string[] };

function* headers(database: DatabaseSync, wanted: Wanted): Iterable<Uint8Array> {
  const all = 'SELECT blob FROM Packages';
  const rows =
    wanted.by === 'all'
      ? database.prepare(all).iterate()
      : database
          .prepare(
            `${all} WHERE hnum IN (SELECT hnum FROM "${wanted.by}" WHERE key IN (SELECT value FROM json_each(?)))`,
          )
          .iterate(JSON.stringify(wanted.values));
  for (const { blob } of rows) if (blob instanceof Uint8Array) yield blob;
}

/** Headers of installed packages. What cannot be read is warned about. */
export function* installedRpms(context: TableContext, wanted: Wanted): Iterable<RpmHeader> {
  const { host } = context;
  for (const folder of FOLDERS) {
    const path = `${folder}/rpmdb.sqlite`;
    try {
      const database = open(host, path);
      if (database === undefined) continue;
      try {
        if ((host.stat(`${path}-wal`)?.size ?? 0n) > 0n)
          context.warn(
            `${path}: an installation goes on or was cut off; what it changes is left out`,
          );
        for (const blob of headers(database, wanted)) {
          context.checkpoint();
          yield new RpmHeader(blob);
        }
      } finally {
        database.close();
      }
    } catch (error) {
      // A query that is to stop goes through; so does what the reader's caller throws.
      if ((error as Error).message === 'interrupted') throw error;
      context.warn(`cannot read ${path}: ${(error as Error).message}`);
    }
    return;
  }
  for (const folder of FOLDERS) {
    for (const [name, kind] of Object.entries(OTHERS)) {
      if (host.exists(`${folder}/${name}`))
        context.warn(`${folder}/${name} is a ${kind} database of an older rpm, which is not read`);
    }
  }
}

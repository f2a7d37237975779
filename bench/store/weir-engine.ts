import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import type { NativeStore } from '../../src/native/store.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { loadExtension } from '../../src/sql/load-extension.ts';
import { type Answer, asText, type Engine, type Filled, groups, Stopwatch } from './engine.ts';
import type { Chunk } from './generator.ts';

const pathIn = (folder: string): string => join(folder, 'events.db');

/** weir's store, through the addon as the daemon uses it. */
export const weir: Engine = {
  async fill(folder, chunks) {
    const first = new Database(':memory:');
    loadExtension(first);
    const path = pathIn(folder);
    let store = native.openStore({ path });
    const watch = new Stopwatch();
    let rows = 0;
    for (const group of groups(chunks)) rows += await append(store, group, watch);
    await watch.run(() => store.close());
    const bytes = statSync(path).size;
    const opening = new Stopwatch();
    store = await opening.run(() => native.openStore({ path }));
    await store.close();
    first.close();
    const { seconds, cpuSeconds } = watch;
    const notes = { 'writer opens, ms': opening.seconds * 1000 };
    return { rows, seconds, cpuSeconds, bytes, notes } satisfies Filled;
  },

  async open(folder) {
    const db = new Database(pathIn(folder), { readonly: true });
    loadExtension(db);
    db.defaultSafeIntegers(true);
    return {
      ask: (sql): Answer => asText(db.prepare<[], unknown[]>(sql).raw().all()),
      close: () => void db.close(),
    };
  },

  matches: (column, pattern) => `${column} REGEXP '${pattern}'`,
  rows: (table) => `SELECT rows FROM weir_tables WHERE name = '${table}'`,
};

async function append(
  store: NativeStore,
  group: readonly Chunk[],
  watch: Stopwatch,
): Promise<number> {
  const made = group.map(({ className, firstSeq, rows }) => {
    return { firstSeq, batch: native.buildBatch(CLASS_NAMES.indexOf(className), rows) };
  });
  let stored = 0;
  await watch.run(async () => {
    for (const { batch, firstSeq } of made) {
      const given = store.append(batch, null, []);
      if (given.rows !== batch.rows) throw new Error('the store gave up rows');
      if (given.firstSeq !== firstSeq) throw new Error('not the seqs that the others have');
      stored += given.rows;
      native.release(batch);
    }
    await store.flush();
  });
  return stored;
}

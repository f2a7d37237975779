import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Answer, asText, type Engine, type Filled, groups, Stopwatch } from './engine.ts';
import { createStatements, TABLES, tableOf, valuesOf } from './tables.ts';

const NATIVE_ROWS = 1_000_000;
const pathIn = (folder: string): string => join(folder, 'rows.db');

/** Plain tables with an index on time, seq as their key: what one would do without weir's store. */
export const sqlite: Engine = {
  async fill(folder, chunks) {
    const db = new Database(pathIn(folder));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    const create = createStatements().map((sql) =>
      sql.replace('seq BIGINT', 'seq INTEGER PRIMARY KEY'),
    );
    for (const sql of create) db.exec(sql);
    for (const { name } of TABLES) db.exec(`CREATE INDEX ${name}_time ON ${name} (time)`);
    const inserts = new Map(
      TABLES.map(({ className, name, columns }) => [
        className,
        db.prepare<unknown[]>(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`),
      ]),
    );
    const watch = new Stopwatch();
    let rows = 0;
    for (const group of groups(chunks)) {
      const made = group.map((chunk) => ({
        className: chunk.className,
        values: valuesOf(chunk),
      }));
      const insert = db.transaction(() => {
        for (const { className, values } of made) {
          const statement = inserts.get(className) as Database.Statement<unknown[]>;
          for (const row of values) rows += statement.run(row).changes;
        }
      });
      await watch.run(() => insert());
    }
    await watch.run(() => db.pragma('wal_checkpoint(TRUNCATE)'));
    const { seconds, cpuSeconds } = watch;
    const bytes = statSync(pathIn(folder)).size;
    const notes = { 'filled by native code, rows/s': await nativeRate(db, folder) };
    db.close();
    return { rows, seconds, cpuSeconds, bytes, notes } satisfies Filled;
  },

  async open(folder) {
    const db = new Database(pathIn(folder), { readonly: true });
    db.defaultSafeIntegers(true);
    let compiled = { source: '', pattern: /(?:)/ };
    db.function('regexp', { deterministic: true }, (source: unknown, text: unknown) => {
      const wanted = String(source);
      if (compiled.source !== wanted) compiled = { source: wanted, pattern: new RegExp(wanted) };
      return text === null ? null : Number(compiled.pattern.test(String(text)));
    });
    return {
      ask: (sql): Answer => asText(db.prepare<[], unknown[]>(sql).raw().all()),
      close: () => void db.close(),
    };
  },

  matches: (column, pattern) => `${column} REGEXP '${pattern}'`,
  rows: (table) => `SELECT count(*) FROM ${table}`,
};

/** Rows/s when no JavaScript takes part: into an indexed table of another file, from this one. */
async function nativeRate(db: Database.Database, folder: string): Promise<number> {
  db.prepare('ATTACH ? AS copy').run(join(folder, 'native.db'));
  const table = tableOf('file');
  const columns = table.columns.map((c) => `${c.name} ${c.type}`).join(', ');
  db.pragma('copy.journal_mode = WAL');
  db.exec(`CREATE TABLE copy.rows (${columns.replace('seq BIGINT', 'seq INTEGER PRIMARY KEY')})`);
  db.exec('CREATE INDEX copy.rows_time ON rows (time)');
  const insert = db.prepare(
    `INSERT INTO copy.rows SELECT * FROM ${table.name} LIMIT ${NATIVE_ROWS}`,
  );
  const watch = new Stopwatch();
  const { changes } = await watch.run(() => insert.run());
  db.exec('DETACH copy');
  return Math.round(changes / watch.seconds);
}

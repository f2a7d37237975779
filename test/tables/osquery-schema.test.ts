import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { NO_STORE, openConnection } from '../../src/sql/connection.ts';
import { EVENT_TABLES } from '../../src/tables/events/index.ts';
import { findStateTables } from '../../src/tables/find-state-tables.ts';
import { LEFT_OUT } from '../../src/tables/left-out.ts';

interface OsqueryColumn {
  readonly name: string;
  readonly type: string;
  readonly options?: readonly string[];
  readonly aliases?: readonly string[];
}

interface OsqueryTable {
  readonly name: string;
  readonly evented: boolean;
  readonly columns: readonly OsqueryColumn[];
  readonly aliases?: readonly string[];
}

/** Tables that osquery does not have. */
const OWN = new Set<string>([
  'detections',
  'response_events',
  'weir_exclusions',
  'weir_health',
  'weir_suppressions',
  'opera_extensions',
]);
/** Names that osquery's tables had, and that queries still use. */
const OLD_NAMES: Readonly<Record<string, readonly string[]>> = { yara_file: ['yara'] };
const OPTIONS = ['hidden', 'index', 'required', 'additional', 'optimized', 'collate'] as const;

const file = new URL('../fixtures/osquery-schema.json', import.meta.url);
const { tables } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly tables: readonly OsqueryTable[];
};
const byName = new Map(tables.map((table) => [table.name, table]));

describe('tables: as osquery has them', () => {
  for (const table of findStateTables()) {
    if (OWN.has(table.name)) continue;
    it(`${table.name}: names, order, types and options`, () => {
      const wanted = byName.get(table.name);
      assert.ok(wanted, `osquery has no table ${table.name} on Linux`);
      const columns = Object.entries(table.columns).map(([name, column]) => ({
        name,
        type: column.type,
        options: OPTIONS.filter((option) => column[option]).sort(),
        aliases: column.aliases ?? [],
      }));
      const theirs = wanted.columns.map(({ name, type, options = [], aliases = [] }) => ({
        name,
        type,
        options: [...options].sort(),
        aliases,
      }));
      assert.deepEqual(columns, theirs);
      assert.deepEqual(table.aliases ?? [], wanted.aliases ?? OLD_NAMES[table.name] ?? []);
    });
  }

  // `index`, `additional` and the like say how a table in memory finds rows: the store has all.
  const SHOWN: readonly string[] = ['hidden', 'collate'];
  for (const table of tables.filter(({ evented }) => evented)) {
    it(`${table.name}: its columns come first, with their types`, () => {
      const ours = EVENT_TABLES.find(({ name }) => name === table.name);
      assert.ok(ours, `there is no table ${table.name}`);
      const columns = ours.columns.slice(0, table.columns.length).map((column) => ({
        name: column.name,
        type: column.type,
        options: SHOWN.filter((option) => column[option as 'hidden' | 'collate']).sort(),
        aliases: column.aliases ?? [],
      }));
      const theirs = table.columns.map(({ name, type, options = [], aliases = [] }) => ({
        name,
        type,
        options: options.filter((option) => SHOWN.includes(option)).sort(),
        aliases,
      }));
      assert.deepEqual(columns, theirs);
    });
  }

  it('a connection declares all of them so, under each of their names', () => {
    const { db } = openConnection(NO_STORE);
    const declared = db.prepare<[string], { name: string; type: string; hidden: bigint }>(
      'SELECT name, type, hidden FROM pragma_table_xinfo(?)',
    );
    const left = new Set(LEFT_OUT.flatMap(({ tables: names }) => names));
    for (const table of tables.filter(({ name }) => !left.has(name))) {
      const theirs = table.columns.map(({ name, type, options = [] }) => ({
        name,
        type,
        hidden: options.includes('hidden') ? 1n : 0n,
      }));
      const aliases = table.columns.flatMap((column) => column.aliases ?? []);
      for (const name of [table.name, ...(table.aliases ?? [])]) {
        const ours = declared.all(name);
        assert.deepEqual(ours.slice(0, theirs.length), theirs, name);
        const hidden = ours.filter((column) => column.hidden === 1n).map((column) => column.name);
        assert.deepEqual(
          aliases.filter((alias) => !hidden.includes(alias)),
          [],
          name,
        );
      }
    }
    db.close();
  });

  it('every table is there, or is left out with a reason', () => {
    const ours = new Set([...EVENT_TABLES, ...findStateTables()].map(({ name }) => name));
    const left = new Set(LEFT_OUT.flatMap(({ tables: names }) => names));
    const missing = tables.filter(({ name }) => !ours.has(name) && !left.has(name));
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    );
  });

  it('no table comes twice', () => {
    const names = findStateTables().flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    assert.deepEqual(names, [...new Set(names)]);
  });
});

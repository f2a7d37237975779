import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocument } from '../../../src/config/document.ts';
import { EventStore } from '../../../src/daemon/event-store.ts';
import { QueryPool } from '../../../src/sql/pool.ts';
import { useTables } from '../../../src/tables/all.ts';
import { loadTableFile, loadUserTables } from '../../../src/tables/user/load.ts';
import { writeTree } from '../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';
import { openTables } from '../../helpers/tables.ts';

const WEIR = new URL('../../../bin/weir.js', import.meta.url).pathname;

const LEASES = `import { bigint, defineTable, text, words, type TableContext } from 'weir/table';
import { LIMIT } from './lib/limit.ts';
export const leases = defineTable({
  name: 'dhcp_leases',
  description: 'Leases',
  columns: { expires: bigint('When', { index: true }), address: text('Where') },
  examples: ['SELECT address FROM dhcp_leases WHERE expires = 2'],
  *generate({ host }: TableContext) {
    for (const line of host.lines('/leases').slice(0, LIMIT)) {
      const [expires, address] = words(line);
      yield { expires, address };
    }
  },
});
`;

describe('tables: of a user', () => {
  const root = makeScratch();
  const folder = join(root, 'tables');
  const file = (name: string, content: string): string => {
    writeTree(folder, { [name]: content });
    return join(folder, name);
  };

  before(() => {
    writeTree(root, {
      '/leases': '1 10.0.0.1\n2 10.0.0.2\n3 10.0.0.3\n',
      '/tables/leases.ts': LEASES,
      '/tables/lib/limit.ts': 'export const LIMIT: number = 2;\n',
      '/tables/notes.txt': 'no table',
    });
  });
  after(() => removeScratch(root));

  it('a TypeScript file, and what it imports', () => {
    const tables = loadTableFile(join(folder, 'leases.ts'));
    const set = openTables(tables, root);
    const rows = set.all('SELECT * FROM dhcp_leases');
    set.close();
    assert.deepEqual(rows, [
      { expires: 1, address: '10.0.0.1' },
      { expires: 2, address: '10.0.0.2' },
    ]);
  });

  it('what is wrong with a file is said, all of it', () => {
    for (const [name, content, expected] of [
      ['syntax.ts', 'export const = ;', /syntax\.ts/],
      ['missing.ts', "import x from './nothing.ts';", /nothing\.ts/],
      ['empty.ts', 'export const x = 1;', /exports no table/],
      [
        'keys.js',
        'export const t = { columns: { A: 1, b: { type: "X" } }, rowz: 1 };',
        /rowz.*name is missing.*column b: type is one of/s,
      ],
      [
        'name.js',
        "export const t = { name: 'a b', description: '', examples: [], columns: { c: { type: 'TEXT', description: '' } }, generate: () => [] };",
        /no table name/,
      ],
      [
        'taken.js',
        "export const t = { name: 'users', description: '', examples: [], columns: { c: { type: 'TEXT', description: '' } }, generate: () => [] };",
        /weir has a table users/,
      ],
      ['throws.js', "throw new Error('not today');", /not today/],
    ] as const) {
      assert.throws(
        () => loadTableFile(file(name, content)),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'TABLE_INVALID');
          assert.match(error.message, expected);
          return true;
        },
      );
    }
  });

  it('what others could change is not run', () => {
    const marker = join(root, 'ran');
    const code = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`;
    const untrusted = (path: string): void =>
      assert.throws(() => loadTableFile(path), { code: 'TABLE_UNTRUSTED' });
    const writable = file('writable.js', code);
    chmodSync(writable, 0o666);
    untrusted(writable);
    const owned = file('owned.js', code);
    chownSync(owned, 61_003, 61_003);
    untrusted(owned);
    const nested = file('open/nested.js', code);
    chmodSync(join(folder, 'open'), 0o777);
    untrusted(nested);
    symlinkSync(nested, join(folder, 'link.js'));
    untrusted(join(folder, 'link.js'));
    const imports = file('imports.js', "import './open/nested.js';");
    untrusted(imports);
    writeFileSync(join(folder, 'lib/open.ts'), code);
    chmodSync(join(folder, 'lib/open.ts'), 0o777);
    untrusted(file('imports-two.ts', "import './lib/open.ts';"));
    assert.equal(spawnSync('test', ['-e', marker]).status, 1, 'none of it ran');
  });

  it('a file that is wrong does not keep the others from being used', () => {
    const { tables, problems } = loadUserTables(folder);
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['dhcp_leases'],
    );
    assert.ok(problems.length >= 10);
    assert.deepEqual(loadUserTables(join(root, 'nowhere')).tables, []);
    assert.match(loadUserTables(join(root, 'nowhere')).problems[0] ?? '', /no such file/);
  });

  it('query threads have them', async () => {
    const defaults = checkDocument('{}').value;
    assert.ok(defaults);
    useTables({ tables: { directory: folder }, auto_table_construction: {} });
    const store = new EventStore({ ...defaults, state_dir: root });
    const pool = new QueryPool({ path: store.path, workers: 1, timeoutMs: 20_000, maxRows: 10 });
    try {
      const { rows, warnings } = await pool.query('SELECT count(*) FROM dhcp_leases');
      assert.deepEqual([rows, warnings], [[[0n]], []]);
    } finally {
      useTables(defaults);
      await pool.close();
      await store.close();
    }
  });

  it('weir table check', () => {
    const run = (path: string) =>
      spawnSync(process.execPath, [WEIR, 'table', 'check', path], { encoding: 'utf8' });
    const right = run(join(folder, 'leases.ts'));
    assert.equal(right.stderr, '');
    assert.match(right.stdout, /table dhcp_leases, 2 columns\n {2}0 rows in .* SELECT "expires"/);
    assert.equal(right.status, 0);
    const wrong = run(join(folder, 'syntax.ts'));
    assert.equal(wrong.status, 78);
    assert.match(wrong.stderr, /syntax\.ts:1: /);
    assert.doesNotMatch(wrong.stderr, /\n\s+at /, 'no stack trace');
  });

  it('weir table check says what queries would pass over', () => {
    const check = (name: string, generate: string) => {
      const content = `import { bigint, defineTable, text } from 'weir/table';
export const made = defineTable({
  name: 'made', description: 'Made', columns: { n: bigint('Number'), t: text('Text') }, examples: [],
  ${generate},
});`;
      const args = [WEIR, 'table', 'check', file(name, content)];
      return spawnSync(process.execPath, args, { encoding: 'utf8' });
    };
    const odd = check(
      'odd.ts',
      "generate: () => [{ n: 'abc', m: 1 }, { n: 'def' }, { n: '12', t: 1 }]",
    );
    assert.equal(odd.status, 0, odd.stderr);
    assert.match(odd.stdout, / {2}3 rows in /);
    assert.equal(odd.stdout.match(/warning/g)?.length, 2);
    assert.match(odd.stdout, /warning: column n is BIGINT: "abc" is shown as NULL\n/);
    assert.match(odd.stdout, /warning: rows have m, which is no column\n/);
    for (const [name, generate, expected] of [
      [
        'promise.ts',
        'async generate() { return []; }',
        /made: generate must be a generator .* a promise/,
      ],
      ['object.ts', 'generate: () => [{ t: {} }]', /made: column t: object is no value/],
      [
        'boom.ts',
        "*generate() { throw new Error('boom'); }",
        /made: boom \(.*boom\.ts:4\), in: SELECT/,
      ],
    ] as const) {
      const { status, stderr } = check(name, generate);
      assert.equal(status, 78);
      assert.match(stderr, expected);
    }
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { parseTime } from '../../src/cli/export/time-option.ts';
import { native } from '../../src/native/addon.ts';
import { EventBatch } from '../../src/sensor/batch.ts';
import { CLASS_NAMES, CLASSES, type ClassName } from '../../src/sensor/schema.ts';
import { openConnection } from '../../src/sql/connection.ts';
import { CAPTURE_TABLES } from '../../src/tables/capture.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';
import { column, StoreFixture } from '../store/fixture.ts';

function weir(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [WEIR, ...args], options);
  return { code: status, stdout, stderr };
}

/** Everything that a table shows but what an import gives anew. */
function contents(stateDir: string, table: string): unknown[] {
  const { db } = openConnection(join(stateDir, 'events.db'));
  const names = db
    .prepare<[], { name: string }>(`SELECT name FROM pragma_table_xinfo('${table}')`)
    .all()
    .map(({ name }) => name)
    .filter((name) => name !== 'seq' && name !== 'eid' && !name.startsWith('weir_'));
  const rows = db.prepare(`SELECT ${names.map((n) => `"${n}"`)} FROM ${table} ORDER BY seq`).all();
  db.close();
  return rows;
}

const text = fc.option(
  fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'a\nb', '"x",\r\n', '\u2028{}')),
);

/** Rows with random values of every column, the ends of their ranges among them. */
function arbitraryRow(className: ClassName): fc.Arbitrary<Record<string, string | bigint | null>> {
  const fields = CLASSES[className]
    .filter(({ name }) => name !== 'identity')
    .map(({ name, kind }) => {
      // An empty new name and none look the same in process_file_events.
      if (name === 'dest_path') return [name, fc.option(fc.string({ minLength: 1 }))] as const;
      if (kind === 'text') return [name, text] as const;
      if (kind === 'u32') return [name, fc.bigInt(0n, 2n ** 32n - 1n)] as const;
      const whole = fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n);
      return [name, name === 'time_ns' ? whole : fc.option(whole)] as const;
    });
  return fc.record(Object.fromEntries(fields)) as fc.Arbitrary<Record<string, string | bigint>>;
}

/** Appends rows, stream columns too. */
function append(
  fixture: StoreFixture,
  className: ClassName,
  rows: Record<string, unknown>[],
): void {
  const index = CLASS_NAMES.indexOf(className);
  const stream = CLASSES[className].filter(({ origin }) => origin === 'stream');
  const own = rows.map((row) => {
    const copy = { ...row };
    for (const { name } of stream) delete copy[name];
    return copy as Record<string, string>;
  });
  const batch = new EventBatch(native.buildBatch(index, own));
  for (const { name } of stream) {
    const values = ['', ...rows.map((row) => String(row[name]))];
    batch.setColumn(
      name,
      Uint32Array.from(rows, (row, r) => (row[name] === null ? 0 : r + 1)),
      values,
    );
  }
  fixture.store.append(batch.native, null, batch.streamColumns);
}

describe('cli: export and import-events', () => {
  let fixture: StoreFixture;
  let scratch: string;
  beforeEach(() => {
    fixture = new StoreFixture();
    scratch = makeScratch();
  });
  afterEach(async () => {
    await fixture.dispose();
    removeScratch(scratch);
  });

  for (const className of CLASS_NAMES) {
    it(`what is exported of class ${className} comes back as it was`, async () => {
      const table = CAPTURE_TABLES.get(className)?.name as string;
      const rows = fc.sample(arbitraryRow(className), { numRuns: 60, seed: 7 });
      append(fixture, className, rows);
      await fixture.store.flush();
      const file = join(scratch, 'events.jsonl');
      const out = weir('export', '--table', table, '--state-dir', fixture.folder, '--output', file);
      assert.deepEqual({ ...out }, { code: 0, stdout: '', stderr: '60 rows\n' });
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const copy = join(scratch, 'copy');
      const back = weir('import-events', file, '--state-dir', copy);
      assert.deepEqual(back, { code: 0, stdout: '60 events imported\n', stderr: '' });
      const before = contents(fixture.folder, table);
      assert.equal(before.length, 60);
      assert.deepEqual(contents(copy, table), before);
      const { db } = openConnection(join(copy, 'events.db'));
      const loss = db.prepare(`SELECT stored, balance FROM weir_loss WHERE class = '${className}'`);
      assert.deepEqual(loss.get(), { stored: 60n, balance: 0n });
      db.close();
    });
  }

  it('brings back names that are not UTF-8 byte for byte', async () => {
    const names = ['2fff0a80', 'c0af', 'eda080', 'f4908080', 'e282', 'c3a4', 'f09f9880', ''];
    const rows = names.map((name) => ({ target_path: Buffer.from(name, 'hex'), time_ns: 1n }));
    fixture.store.append(native.buildBatch(CLASS_NAMES.indexOf('file'), rows), null, []);
    await fixture.store.flush();
    const file = join(scratch, 'events.jsonl');
    const source = ['--table', 'process_file_events', '--state-dir', fixture.folder];
    assert.equal(weir('export', ...source, '--output', file).code, 0);
    const text = readFileSync(file, 'utf8').trimEnd().split('\n');
    const shown = text.map((line) => JSON.parse(line).path);
    assert.deepEqual(
      shown.slice(0, 5),
      names.slice(0, 5).map((name) => ({ hex: name.toUpperCase() })),
    );
    assert.deepEqual(shown.slice(5), ['ä', '😀', '']);
    const copy = join(scratch, 'copy');
    assert.equal(weir('import-events', file, '--state-dir', copy).code, 0);
    const { db } = openConnection(join(copy, 'events.db'));
    const sql = 'SELECT lower(hex(path)) FROM process_file_events ORDER BY seq';
    assert.deepEqual(column(db, sql), names);
    db.close();
  });

  it('exports more rows than one page, each once, also where two rows share a seq', async () => {
    const files = Array.from({ length: 25_000 }, (_, i) => ({
      action: 'rename',
      target_path: `/a${i}`,
      dest_path: `/b${i}`,
      time_ns: BigInt(i),
    }));
    // An odd row first, so that a page ends between the halves of a rename.
    fixture.append('file', [{ action: 'create', target_path: '/first', time_ns: 0n }]);
    for (let i = 0; i < files.length; i += 4096) fixture.append('file', files.slice(i, i + 4096));
    await fixture.store.flush();
    const args = ['export', '--table', 'file_events', '--state-dir', fixture.folder];
    const { stdout } = weir(...args);
    const paths = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).target_path);
    const wanted = [
      '/first',
      ...files.flatMap(({ target_path, dest_path }) => [target_path, dest_path]),
    ];
    assert.deepEqual(paths, wanted);
  });

  it('keeps to times and expressions', async () => {
    const at = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n;
    fixture.append('process', [
      { pid: 1, time_ns: at('2026-01-01T00:00:00Z') },
      { pid: 2, time_ns: at('2026-01-02T00:00:00Z') },
      { pid: 3, time_ns: at('2026-01-03T00:00:00Z') },
      { pid: 4, time_ns: BigInt(Date.now()) * 1_000_000n },
    ]);
    await fixture.store.flush();
    const pids = (...more: string[]): number[] => {
      const { stdout } = weir(
        'export',
        '--table=process_events',
        '--state-dir',
        fixture.folder,
        ...more,
      );
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).pid);
    };
    assert.deepEqual(pids('--since', '2026-01-02T00:00:00Z'), [2, 3, 4]);
    assert.deepEqual(
      pids('--since', '2026-01-01T00:00:00.001Z', '--until=2026-01-03T00:00:00Z'),
      [2],
    );
    assert.deepEqual(pids('--since', '1h'), [4]);
    assert.deepEqual(pids('--where', 'pid = 1 OR pid = 3 -- and a comment'), [1, 3]);
  });

  it('Parquet keeps 64-bit integers, NULL and text', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => ({
      pid: i,
      process_id: i === 0 ? 2n ** 63n - 1n : i === 1 ? -(2n ** 63n) + 1n : null,
      cmdline: i % 3 === 0 ? null : `ä "${i % 100}"\n`,
      time_ns: BigInt(i),
    }));
    for (let i = 0; i < rows.length; i += 4096) fixture.append('process', rows.slice(i, i + 4096));
    await fixture.store.flush();
    const file = join(scratch, 'events.parquet');
    const args = ['--table', 'process_events', '--format', 'parquet', '--output', file];
    assert.equal(weir('export', ...args, '--state-dir', fixture.folder).code, 0);
    const back = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
    assert.equal(back.length, rows.length);
    assert.deepEqual(
      back.map(({ pid, process_id, cmdline }) => ({ pid, process_id, cmdline })),
      rows.map(({ pid, process_id, cmdline }) => ({ pid: BigInt(pid), process_id, cmdline })),
    );
    assert.deepEqual(readdirSync(scratch), ['events.parquet']);
  });

  it('CSV has a heading, and a line for each row', async () => {
    fixture.append('socket', [{ action: 'connect', remote_path: 'a,"b"', time_ns: 1n }]);
    await fixture.store.flush();
    const { stdout } = weir(
      'export',
      '--table=socket_events',
      '--format=csv',
      '--state-dir',
      fixture.folder,
    );
    const [heading, row] = stdout.split('\r\n');
    assert.match(heading ?? '', /^action,pid,path,/);
    assert.match(row ?? '', /^connect,0,,.*"a,""b"""/);
  });

  it('leaves no half of a file behind', () => {
    const file = join(scratch, 'x');
    const args = ['export', '--table', 'process_events', '--output', file];
    const failed = weir(...args, '--where', 'nonsense(1)', '--state-dir', fixture.folder);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /nonsense/);
    assert.ok(!existsSync(file) && readdirSync(scratch).length === 0);
  });

  it('refuses what it cannot mean', () => {
    const bad: [string[], RegExp][] = [
      [['export'], /--table is missing/],
      [['export', '--table', 'proces_events'], /did you mean process_events/],
      [['export', '--table', 'process_events', '--format', 'xml'], /--format is one of/],
      [['export', '--table', 'process_events', '--since', 'yesterday'], /--since takes a time/],
      [['import-events', 'x'], /--state-dir is missing/],
    ];
    for (const [args, message] of bad) {
      const { code, stderr } = weir(...args);
      assert.equal(code, 64, stderr);
      assert.match(stderr, message);
    }
  });

  it('names the line that cannot be imported', () => {
    const good = '{"table":"process_events","pid":1,"ntime":5}';
    const bad: [string, RegExp][] = [
      ['{"table":', /JSON/],
      ['[]', /not a JSON object/],
      ['{"pid":1}', /does not say its "table"/],
      ['{"table":"file_events","ntime":1}', /export process_file_events instead/],
      ['{"table":"process_event","ntime":1}', /did you mean process_events/],
      ['{"table":"process_events","ntime":1,"pidd":1}', /no column "pidd"/],
      ['{"table":"process_events","ntime":1,"pid":-1}', /pid is out of range/],
      [
        '{"table":"process_events","ntime":1,"exec_id":12345678901234567890}',
        /in quotes beyond 2\^53/,
      ],
      ['{"table":"process_events","pid":1}', /neither ntime nor time/],
    ];
    const file = join(scratch, 'bad.jsonl');
    for (const [line, message] of bad) {
      writeFileSync(file, `${good}\n\n${line}\n`);
      const { code, stderr } = weir(
        'import-events',
        file,
        '--append',
        '--state-dir',
        join(scratch, 's'),
      );
      assert.equal(code, 1, line);
      assert.match(stderr, message);
      assert.ok(stderr.includes(`${file}:3:`), stderr);
    }
  });

  it('imports into a store with events only when told to, and none that is in use', async () => {
    const file = join(scratch, 'one.jsonl');
    writeFileSync(file, '{"table":"process_events","pid":7,"ntime":"5"}');
    const args = ['import-events', file, '--state-dir', fixture.folder];
    assert.match(weir(...args).stderr, /another weir is writing/);
    fixture.append('process', [{ pid: 1, time_ns: 1n }]);
    await fixture.store.close();
    const refused = weir(...args);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /holds events already.*--append/);
    assert.equal(weir(...args, '--append').code, 0);
    assert.deepEqual(
      column(fixture.reader(), 'SELECT pid FROM process_events ORDER BY seq'),
      [1, 7],
    );
  });
});

describe('cli: times', () => {
  const now = Date.parse('2026-06-15T12:00:00Z');
  const ms = (text: string): number => Number(parseTime('since', text, now) / 1_000_000n);

  it('reads spans back from now, and ISO 8601', () => {
    assert.equal(now - ms('90s'), 90_000);
    assert.equal(now - ms('2w'), 14 * 86_400_000);
    assert.equal(ms('2026-06-15T11:00:00Z'), now - 3_600_000);
    assert.equal(ms('2026-06-15T14:00:00+02:00'), now);
    assert.equal(ms('2026-06-15'), new Date(2026, 5, 15).getTime());
    assert.equal(ms('2026-06-15 10:30'), new Date(2026, 5, 15, 10, 30).getTime());
  });

  it('refuses the rest', () => {
    for (const text of ['', '1', '1y', '-1h', '2026-13-01', '2026-06-15T25:00', 'now']) {
      assert.throws(() => parseTime('since', text, now), { code: 'USAGE' }, text);
    }
  });
});

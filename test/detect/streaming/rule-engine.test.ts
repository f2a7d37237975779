import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planQuery } from '../../../src/detect/driver.ts';
import type { PassResult, RuleThreadData } from '../../../src/detect/streaming/messages.ts';
import { type Connection, openConnection } from '../../../src/sql/connection.ts';
import { EVENT_TABLES } from '../../../src/tables/events/index.ts';
import { SievedEngine } from '../../helpers/sieved-engine.ts';
import { StoreFixture } from '../../store/fixture.ts';

const TABLES = new Set(EVENT_TABLES.map((table) => table.name));

describe('RuleEngine', () => {
  let fixture: StoreFixture;
  let connection: Connection;
  let clock: number;

  beforeEach(() => {
    fixture = new StoreFixture();
    connection = openConnection(fixture.path);
    clock = 0;
  });

  afterEach(async () => {
    connection.db.close();
    await fixture.dispose();
  });

  function make(sqls: readonly string[], options: Partial<RuleThreadData> = {}): SievedEngine {
    const rules = sqls.map((sql, i) => ({
      name: `rule ${i}`,
      statements: planQuery(sql, TABLES, { mode: 'streaming' }).statements,
      position: fixture.store.highWater(),
    }));
    const limits = { numerics: false, timeoutMs: 0, maxRows: 1000 };
    const data = { path: fixture.path, rules, ...limits, ...options };
    return new SievedEngine(connection, data, () => clock);
  }

  const exec = (path: string, more = {}) => ({ path, boot_id: 'b', time_ns: 1n, ...more });
  const pass = (engine: SievedEngine) => engine.pass(fixture.store.highWater());
  const found = ({ outcomes }: PassResult): string[] =>
    outcomes.flatMap(({ rule, rows }) => rows.map((row) => `${rule} ${row}`));

  it('shows each rule each event once', () => {
    const engine = make([
      "SELECT path FROM process_events WHERE path LIKE '/tmp/%'",
      "SELECT path FROM process_events WHERE path LIKE '%/sh'",
    ]);
    fixture.append('process', [exec('/tmp/sh'), exec('/bin/sh'), exec('/bin/ls')]);
    const expected = ['0 {"path":"/tmp/sh"}', '1 {"path":"/tmp/sh"}', '1 {"path":"/bin/sh"}'];
    assert.deepEqual(found(pass(engine)), expected);
    assert.deepEqual(found(pass(engine)), []);
    fixture.append('process', [exec('/tmp/a')]);
    assert.deepEqual(found(pass(engine)), ['0 {"path":"/tmp/a"}']);
  });

  it('runs only what could find something', () => {
    const engine = make([
      "SELECT path FROM process_events WHERE path LIKE '%/nc'",
      "SELECT path FROM socket_events WHERE path LIKE '%/sh'",
      'SELECT path FROM process_events WHERE pid = 7',
      'SELECT path FROM process_events WHERE pid IN (8, 9)',
      'SELECT path FROM process_events WHERE pid < 9 AND uid = 1',
      'SELECT path FROM process_events WHERE pid < 9',
      'SELECT path FROM socket_events WHERE pid = 7',
    ]);
    fixture.append('process', [exec('/bin/sh', { pid: 7 })]);
    const result = pass(engine);
    assert.equal(result.ran, 2);
    assert.deepEqual(found(result), ['2 {"path":"/bin/sh"}', '5 {"path":"/bin/sh"}']);
  });

  it('knows where in a value a literal has to be', () => {
    const engine = make([
      "SELECT path FROM process_events WHERE path LIKE '%/sh'",
      "SELECT path FROM process_events WHERE path GLOB '/tmp/*'",
      "SELECT path FROM process_events WHERE path = 'bin'",
    ]);
    fixture.append('process', [exec('/usr/share/tmp/bin')]);
    const none = pass(engine);
    assert.deepEqual([none.ran, found(none)], [0, []]);
    fixture.append('process', [exec('/tmp/sh'), exec('bin')]);
    const all = ['0 {"path":"/tmp/sh"}', '1 {"path":"/tmp/sh"}', '2 {"path":"bin"}'];
    assert.deepEqual(found(pass(engine)), all);
  });

  it('knows the literals of rows that are encoded already', async () => {
    const engine = make([
      "SELECT path FROM process_events WHERE path LIKE '%/nc'",
      "SELECT path FROM process_events WHERE path LIKE '%/SH'",
    ]);
    fixture.append('process', [exec('/bin/sh')]);
    fixture.append('process', [exec('/bin/ls', { pid: 3 })]);
    await fixture.store.flush();
    fixture.append('process', [exec('/sbin/sh')]);
    const result = pass(engine);
    assert.equal(result.ran, 1);
    assert.deepEqual(found(result), ['1 {"path":"/bin/sh"}', '1 {"path":"/sbin/sh"}']);
  });

  it('is exact in windows that begin and end inside of a block', async () => {
    const engine = make(["SELECT pid FROM process_events WHERE path = '/bin/a'"]);
    const all: string[] = [];
    for (let i = 0; i < 40; i++) {
      fixture.append('process', [exec('/bin/a', { pid: i }), exec('/bin/b')]);
      if (i % 7 === 3) all.push(...found(engine.pass(fixture.store.highWater() - 1n)));
      if (i % 5 === 0) await fixture.store.flush();
    }
    all.push(...found(pass(engine)));
    assert.deepEqual(
      all,
      Array.from({ length: 40 }, (_, pid) => `0 {"pid":"${pid}"}`),
    );
  });

  it('finds a partner in history, early or late', () => {
    const engine = make([
      `SELECT s.remote_address AS a FROM socket_events s JOIN process_events p USING (exec_id)
       WHERE p.path = '/bin/nc'`,
    ]);
    fixture.append('process', [exec('/bin/nc', { exec_id: 1n })]);
    assert.deepEqual(found(pass(engine)), []);
    fixture.append('socket', [exec('/bin/nc', { exec_id: 1n, remote_address: 'x' })]);
    assert.deepEqual(found(pass(engine)), ['0 {"a":"x"}']);
    fixture.append('socket', [exec('/bin/nc', { exec_id: 2n, remote_address: 'y' })]);
    assert.deepEqual(found(pass(engine)), []);
    fixture.append('process', [exec('/bin/nc', { exec_id: 2n })]);
    assert.deepEqual(found(pass(engine)), ['0 {"a":"y"}']);
  });

  it('looks at what is on disk only, after a restart', async () => {
    fixture.append('process', [exec('/tmp/1')]);
    await fixture.reopen();
    const engine = make(["SELECT path FROM process_events WHERE path LIKE '/tmp/%'"]);
    fixture.append('process', [exec('/tmp/2')]);
    await fixture.reopen();
    fixture.append('process', [exec('/tmp/3')]);
    assert.deepEqual(found(pass(engine)), ['0 {"path":"/tmp/2"}', '0 {"path":"/tmp/3"}']);
  });

  it('takes shorter spans when there are too many rows', () => {
    const engine = make(['SELECT pid FROM process_events WHERE uid = 0'], { maxRows: 4 });
    fixture.append(
      'process',
      Array.from({ length: 21 }, (_, pid) => exec('x', { pid })),
    );
    const all: string[] = [];
    let result: PassResult;
    do {
      result = pass(engine);
      all.push(...found(result));
    } while (!result.caughtUp);
    assert.deepEqual(
      all,
      Array.from({ length: 21 }, (_, pid) => `0 {"pid":"${pid}"}`),
    );
  });

  it('lets a rule that fails wait, and the others go on', () => {
    const engine = make([
      'SELECT json(path) FROM process_events',
      'SELECT path FROM process_events',
    ]);
    fixture.append('process', [exec('no json')]);
    const first = pass(engine);
    assert.match(first.outcomes[0]?.error ?? '', /malformed JSON/);
    assert.deepEqual(found(first), ['1 {"path":"no json"}']);
    assert.equal(first.outcomes[0]?.position, first.upto - 1n);
    assert.deepEqual([pass(engine).ran, pass(engine).ran], [0, 0]);
    clock += 1000;
    assert.equal(pass(engine).ran, 1);
  });

  it('gives up on an event that alone takes too long', () => {
    const slow = `SELECT (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e12)
                  SELECT sum(i) FROM n) AS s FROM process_events WHERE path = 'slow'`;
    const engine = make([slow], { timeoutMs: 50 });
    fixture.append('process', [exec('quick'), exec('slow'), exec('quick')]);
    const errors: string[] = [];
    for (let i = 0; i < 20; i++) {
      clock += 100_000;
      const result = pass(engine);
      errors.push(...result.outcomes.map(({ error }) => error));
    }
    // That the three together took too long is no failure yet.
    const failed = errors.filter((error) => error !== '');
    assert.equal(failed.length, 1, failed.join());
    assert.match(failed.join(), /gave up on the event/);
    fixture.append('process', [exec('quick')]);
    assert.deepEqual(pass(engine).outcomes, []);
  });

  it('never misses a row that the query itself finds', () => {
    const word = fc.constantFrom('a', 'B', 'ab', 'Ab/c', 'c_d', 'é', "q'", '%x', 'bc', 'cA');
    const literal = word.map((text) => `'${text.replaceAll("'", "''")}'`);
    const pattern = fc
      .array(fc.oneof(word, fc.constantFrom('%', '_')), { minLength: 1, maxLength: 4 })
      .map((parts) => `'${parts.join('').replaceAll("'", "''")}'`);
    const columns = ['path', 'cmdline', 'process_events.path', 'lower(cmdline)', 'trim(path)'];
    const column = fc.constantFrom(...columns);
    const atom = fc.oneof(
      fc.tuple(column, literal).map(([c, l]) => `${c} = ${l}`),
      fc.tuple(column, literal).map(([c, l]) => `${c} = ${l} COLLATE RTRIM`),
      fc.tuple(column, pattern).map(([c, p]) => `${c} LIKE ${p}`),
      fc.tuple(column, pattern).map(([c, p]) => `${c} NOT LIKE ${p}`),
      fc.tuple(column, pattern).map(([c, p]) => `${c} LIKE ${p} ESCAPE '!'`),
      fc
        .tuple(column, pattern)
        .map(([c, p]) => `${c} GLOB ${p.replaceAll('%', '*').replaceAll('_', '?')}`),
      fc.tuple(column, literal, literal).map(([c, l, m]) => `${c} IN (${l}, ${m})`),
      fc.tuple(column, literal, literal).map(([c, l, m]) => `${c} BETWEEN ${l} AND ${m}`),
      fc.constantFrom('pid = 1', '2 = pid', 'pid IN (1, 0)', 'pid IS 2', "pid = '1'", 'pid > 1'),
      fc.constantFrom('pid = 1 + 0', 'pid = 1.0', 'pid + 1 = 2', 'uid = 1', 'lower(pid) = 1'),
    );
    const { condition } = fc.letrec<{ condition: string }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 3 },
        atom,
        fc.tuple(tie('condition'), tie('condition')).map(([l, r]) => `${l} AND ${r}`),
        fc.tuple(tie('condition'), tie('condition')).map(([l, r]) => `(${l} OR ${r})`),
        tie('condition').map((c) => `NOT (${c})`),
      ),
    }));
    // LIKE and GLOB see the end of a text at its first NUL.
    const piece = fc.oneof(word, fc.constantFrom(' ', 'a\0'));
    const text = fc.array(piece, { maxLength: 3 }).map((words) => words.join(''));
    const rows = fc.array(
      fc.record({ path: text, cmdline: fc.option(text), pid: fc.nat({ max: 2 }) }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(condition, fc.array(rows, { maxLength: 4 }), (where, batches) => {
        const sql = `SELECT seq FROM process_events WHERE ${where}`;
        const engine = make([sql]);
        const from = fixture.store.highWater();
        const seen: string[] = [];
        for (const batch of batches) {
          fixture.append('process', batch);
          seen.push(...pass(engine).outcomes.flatMap(({ rows: some }) => some));
        }
        const whole = connection.db
          .prepare<[], [bigint]>(`${sql.replace('WHERE', `WHERE seq > ${from} AND (`)})`)
          .raw()
          .all()
          .map(([seq]) => `{"seq":"${seq}"}`);
        assert.deepEqual(seen.sort(), whole.sort());
      }),
      { numRuns: 300 },
    );
  });
});

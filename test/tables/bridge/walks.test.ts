import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { native } from '../../../src/native/addon.ts';
import { bigint, defineTable, text } from '../../../src/tables/bridge/table.ts';
import { openTables, type TableSet } from '../../helpers/tables.ts';

let made = 0;
let ended = 0;

const endless = defineTable({
  name: 'endless',
  description: 'Rows without end',
  columns: { n: bigint('Number') },
  examples: [],
  *generate() {
    try {
      for (let n = 0; ; n++) {
        made = n;
        yield { n };
      }
    } finally {
      ended++;
    }
  },
});

const busy = defineTable({
  name: 'busy',
  description: 'Works for ever before its first row',
  columns: { n: bigint('Number') },
  examples: [],
  generate(context) {
    for (;;) context.checkpoint();
  },
});

const slow = defineTable({
  name: 'slow',
  description: 'Needs its time for each row',
  columns: { n: bigint('Number') },
  examples: [],
  *generate() {
    for (let n = 0; n < 20; n++) {
      made = n;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
      yield { n };
    }
  },
});

const broken = defineTable({
  name: 'broken',
  description: 'Fails at a row',
  columns: { n: bigint('Number', { index: true }) },
  examples: [],
  *generate(context) {
    const at = context.integers('n')?.[0] ?? 0;
    for (let n = 0; n < at; n++) yield { n: at };
    throw new Error('the disk is on fire');
  },
});

const warning = defineTable({
  name: 'warning',
  description: 'Warns',
  columns: { path: text('Path', { index: true }) },
  examples: [],
  *generate(context) {
    for (let i = 0; i < 60; i++) context.warn(`cannot read /a\n\u001b[31m${i}`);
    context.warn('cannot read /a\n\u001b[31m0');
    yield { path: '/a' };
  },
});

describe('tables: walks', () => {
  let set: TableSet;

  before(() => {
    set = openTables([endless, busy, slow, broken, warning]);
  });
  after(() => set.close());

  it('makes only the rows that are taken, and ends the generator', () => {
    const before = ended;
    assert.equal(set.all('SELECT n FROM endless LIMIT 10').length, 10);
    assert.ok(made < 1000, `made ${made}`);
    assert.equal(ended, before + 1);
    for (const _ of set.db.prepare('SELECT * FROM endless').iterate()) break;
    assert.equal(ended, before + 2);
  });

  it('the first row of a slow table does not wait for the others', () => {
    for (const _ of set.db.prepare('SELECT n FROM slow').iterate()) break;
    assert.ok(made < 3, `made ${made}`);
    assert.deepEqual(
      set.all('SELECT n FROM slow').map(({ n }) => n),
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('a query is stopped between batches and inside one', () => {
    const id = native.connections.last();
    for (const sql of ['SELECT count(*) FROM endless', 'SELECT * FROM busy']) {
      const token = native.connections.deadline(id, 50);
      assert.throws(() => set.all(sql), { code: 'SQLITE_INTERRUPT' }, sql);
      assert.equal(native.connections.expired(token), true);
    }
  });

  it('an exception is the statement’s error, with the table’s name', () => {
    for (const n of [0, 3, 2000]) {
      const sql = 'SELECT * FROM broken WHERE n = ?';
      assert.throws(() => set.all(sql, n), { message: 'broken: the disk is on fire' }, String(n));
    }
    assert.equal(set.all('SELECT n FROM endless LIMIT 1').length, 1, 'the connection goes on');
  });

  it('warnings are single plain lines, each once, and at most 50', () => {
    set.all('SELECT * FROM warning');
    const warnings = set.warnings();
    assert.equal(warnings.length, 51);
    assert.equal(warnings[0], 'warning: cannot read /a\\x0a\\x1b[31m0');
    assert.equal(warnings[50], 'and 10 more warnings');
    assert.deepEqual(set.warnings(), []);
  });

  it('a statement inside another, and one table twice', () => {
    const sql = `SELECT count(*) AS c FROM (SELECT n FROM endless LIMIT 100) a
      JOIN (SELECT n FROM endless LIMIT 100) b USING (n)`;
    assert.deepEqual(set.all(sql), [{ c: 100 }]);
  });

  it('a thread ends in the middle of a walk, and the process lives', async () => {
    const worker = new Worker(new URL('./endless-worker.ts', import.meta.url));
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
  });

  it('a thread ends at any moment of a query, and the process lives', async () => {
    for (let i = 0; i < 10; i++) {
      const worker = new Worker(new URL('./busy-worker.ts', import.meta.url));
      await new Promise((resolve) => worker.once('message', resolve));
      await sleep(i * 7);
      await worker.terminate();
    }
  }).timeout(60_000);
});

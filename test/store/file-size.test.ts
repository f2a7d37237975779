import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { eventually } from '../helpers/eventually.ts';
import { column, StoreFixture, value } from './fixture.ts';

const MIB = 1 << 20;
const MAX_BYTES = 4 * MIB;
/** What docs/store.md promises beside max_bytes: free pages, what one flush adds, and the log. */
const SPARE = MIB;
const MOST_LOG = 2 * MIB;
const ROUNDS = 60;
const ROWS = 1000;

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Rows that no codec makes small. */
const rows = () =>
  Array.from({ length: ROWS }, (_, i) => ({
    time_ns: BigInt(Date.now()) * 1_000_000n,
    pid: i,
    cmdline: randomBytes(100).toString('hex'),
  }));

const blocksCache = () => native.caches().find(({ name }) => name === 'blocks');

describe('store: what the file takes', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.dispose());

  it('stays within max_bytes and what is documented beside it, though somebody always reads', async () => {
    fixture = new StoreFixture({ flushMs: 10, maxBytes: MAX_BYTES });
    const readers = [fixture.reader(), fixture.reader()];
    const open: Iterator<unknown>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      fixture.append('process', rows());
      await fixture.store.flush();
      // Each begins before the one before it ends: the log is never without a reader.
      const reader = readers[round % 2] as Database.Database;
      open.push(reader.prepare('SELECT pid FROM process_events').iterate());
      open.at(-1)?.next();
      if (open.length > 1) open.shift()?.return?.();
    }
    for (const one of open) one.return?.();
    const taken = await eventually(
      () => ({ file: bytesOf(fixture.path), log: bytesOf(`${fixture.path}-wal`) }),
      ({ file, log }) => file <= MAX_BYTES + SPARE && log <= MOST_LOG,
    );
    assert.ok(taken.file <= MAX_BYTES + SPARE, `${taken.file} bytes`);
    assert.ok(taken.log <= MOST_LOG, `${taken.log} bytes of log`);
    const expired = value(
      fixture.reader(),
      `SELECT expired FROM weir_loss WHERE class = 'process'`,
    );
    assert.ok(Number(expired) > 0, 'retention had something to do');
    const left = column(fixture.reader(), 'SELECT count(*) FROM process_events')[0];
    assert.equal(Number(left) + Number(expired), ROUNDS * ROWS);
    assert.ok(taken.file > MAX_BYTES / 2, `only ${taken.file} bytes are used`);
  });

  it('gives pages back when less is kept', async () => {
    fixture = new StoreFixture({ flushMs: 10 });
    for (let round = 0; round < ROUNDS; round++) {
      fixture.append('process', rows());
      await fixture.store.flush();
    }
    const before = bytesOf(fixture.path) + bytesOf(`${fixture.path}-wal`);
    assert.ok(before > 2 * MIB);
    await fixture.reopen({ flushMs: 10, maxBytes: MIB });
    const after = await eventually(
      () => bytesOf(fixture.path),
      (bytes) => bytes <= MIB + SPARE,
    );
    assert.ok(after <= MIB + SPARE, `${after} bytes`);
  });

  it('is known once, whoever reads it, and what left it is forgotten', async () => {
    fixture = new StoreFixture({ flushMs: 10, maxBytes: MIB });
    const sql = `SELECT count(*) FROM process_events WHERE cmdline LIKE '%nothing%'`;
    const [first, second] = [fixture.reader(), fixture.reader()];
    value(first, sql);
    let one = blocksCache();
    for (let round = 0; round < ROUNDS; round++) {
      fixture.append('process', rows());
      await fixture.store.flush();
      value(first, sql);
      one = blocksCache();
      value(second, sql);
    }
    const expired = value(first, `SELECT expired FROM weir_loss WHERE class = 'process'`);
    assert.ok(Number(expired) > 0, 'blocks have left');
    const blocks = Number(value(first, 'SELECT count(*) FROM weir_store_block'));
    const both = blocksCache();
    assert.ok(blocks < ROUNDS);
    assert.ok(Number(one?.entries) > 0);
    assert.ok(Number(both?.entries) <= blocks + 32, `${both?.entries} known of ${blocks}`);
    assert.ok(Number(both?.bytes) <= Number(both?.max_bytes));
    // A second reader makes them no more; merging between the two queries may make them fewer.
    const perBlock = Number(one?.bytes) / Number(one?.entries);
    assert.ok(Number(both?.bytes) < 1.5 * perBlock * (blocks + 32));
    for (const db of [first, second]) db.close();
    await fixture.store.close();
    assert.equal(blocksCache()?.entries, 0);
  });
});

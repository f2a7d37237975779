import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { loadConfig } from '../../src/config/load.ts';
import { makeLogger } from '../../src/config/log.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { health } from '../../src/daemon/health.ts';
import { loadExtension } from '../../src/sql/load-extension.ts';
import { eventually } from '../helpers/eventually.ts';
import { FakeProvider } from '../helpers/fake-provider.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

interface Health {
  readonly healthy: boolean;
  readonly issues: readonly { readonly message: string }[];
}

const log = makeLogger({ level: 'silent' });

describe('daemon: a store in trouble', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = makeScratch();
  });
  afterEach(() => removeScratch(scratch));

  function start(provider: FakeProvider, stateDir = scratch): Promise<Daemon> {
    const reread = () => loadConfig({ flags: { stateDir }, environment: {}, defaultFile: '/none' });
    const { config } = reread();
    return Daemon.start({ config, reread, log, makeProvider: () => provider });
  }

  async function rowsOf(daemon: Daemon, sql: string): Promise<readonly unknown[]> {
    return (await daemon.pool.query(sql)).rows.map(([first]) => first);
  }

  /** A daemon's life with one event; returns its seq. */
  async function live(pid: number): Promise<bigint> {
    const provider = new FakeProvider();
    const daemon = await start(provider);
    try {
      provider.emit('process', [{ pid, path: '/bin/a' }]);
      const sql = `SELECT seq FROM process_events WHERE pid = ${pid}`;
      const [seq] = await eventually(
        () => rowsOf(daemon, sql),
        (found) => found.length === 1,
      );
      return seq as bigint;
    } finally {
      await daemon.stop();
    }
  }

  const file = (name: string): string => join(scratch, name);
  const aside = (): string[] =>
    readdirSync(scratch).filter((name) => /^events\.db\.corrupt-\d{8}T\d{6}Z$/.test(name));

  it('sets aside what is no database, and goes on above its seqs', async () => {
    const before = await live(1);
    writeFileSync(file('events.db'), 'garbage'.repeat(1000));
    const after = await live(2);
    assert.ok(after > before, `${after} is not above ${before}`);
    assert.equal(aside().length, 1);
    assert.equal(readFileSync(file(aside()[0] as string), 'utf8'), 'garbage'.repeat(1000));
  });

  it('sets aside a database that was found damaged in use', async () => {
    await live(1);
    // A page of a table that opening does not read, and the mark that a failed write leaves.
    const db = new Database(file('events.db'));
    const root = "SELECT rootpage FROM sqlite_schema WHERE name = 'weir_store_block'";
    const page = db.prepare<[], number>(root).pluck().get() as number;
    const size = db.pragma('page_size', { simple: true }) as number;
    db.close();
    const fd = openSync(file('events.db'), 'r+');
    writeSync(fd, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
    closeSync(fd);
    writeFileSync(file('events.db-damaged'), '');
    await live(2);
    assert.equal(aside().length, 1);
    assert.ok(!readdirSync(scratch).includes('events.db-damaged'));
  });

  it('sets aside a database that is damaged while it runs, and goes on', async () => {
    const provider = new FakeProvider();
    const daemon = await start(provider);
    try {
      provider.emit('process', [{ pid: 1, path: '/bin/a' }]);
      await daemon.store.native.flush();
      const [first] = await rowsOf(daemon, 'SELECT seq FROM process_events WHERE pid = 1');
      // A change by another makes the writer forget the pages that it knows.
      const db = new Database(file('events.db'));
      db.exec("UPDATE weir_store_meta SET value = value WHERE key = 'format'");
      db.pragma('wal_checkpoint(TRUNCATE)');
      const size = db.pragma('page_size', { simple: true }) as number;
      const pages = db.pragma('page_count', { simple: true }) as number;
      db.close();
      const fd = openSync(file('events.db'), 'r+');
      writeSync(fd, Buffer.alloc(size * (pages - 1), 0xa5), 0, size * (pages - 1), size);
      closeSync(fd);
      provider.emit('process', [{ pid: 2, path: '/bin/a' }]);
      const moved = await eventually(
        () => daemon.store.native.stats(),
        (stats) => stats.aside !== '' && stats.queuedRows === 0,
      );
      assert.equal(moved.error, '');
      assert.deepEqual(aside(), [moved.aside.slice(scratch.length + 1)]);
      provider.emit('process', [{ pid: 3, path: '/bin/a' }]);
      // What was still in memory is in the new file too; seqs go on, and watching is still known.
      const seqs = await eventually(
        () => rowsOf(daemon, 'SELECT seq FROM process_events WHERE pid IN (1, 2, 3) ORDER BY seq'),
        (found) => found.length === 3,
      );
      assert.equal(seqs[0], first);
      assert.equal(new Set(seqs).size, 3);
      await daemon.store.native.flush();
      const other = new Database(file('events.db'), { readonly: true });
      loadExtension(other);
      assert.equal(other.prepare('SELECT count(*) FROM process_events').pluck().get(), 3);
      const open = "SELECT count(*) FROM weir_coverage WHERE class = 'process' AND until IS NULL";
      assert.equal(other.prepare(open).pluck().get(), 1);
      other.close();
    } finally {
      await daemon.stop();
    }
  });

  it('keeps a sound store that was suspected', async () => {
    await live(1);
    writeFileSync(file('events.db-damaged'), '');
    await live(2);
    assert.deepEqual(aside(), []);
    assert.ok(!readdirSync(scratch).includes('events.db-damaged'));
  });

  it('leaves a store of a newer format where it is', async () => {
    await live(1);
    const db = new Database(file('events.db'));
    db.exec("UPDATE weir_store_meta SET value = 99 WHERE key = 'format'");
    db.close();
    await assert.rejects(start(new FakeProvider()), {
      code: 'STORE_UNUSABLE',
      message: /format 99/,
    });
    assert.deepEqual(aside(), []);
  });

  it('says that the disk is full, keeps events meanwhile, and recovers', async () => {
    const mount = makeScratch();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount]);
    const provider = new FakeProvider();
    let daemon: Daemon | null = null;
    try {
      daemon = await start(provider, mount);
      const parts = { store: daemon.store, collection: daemon.collection, detecting: null };
      const state = (): Health => health(parts) as unknown as Health;
      await daemon.store.native.flush();
      assert.deepEqual(state().issues, []);
      assert.throws(() => writeFileSync(join(mount, 'filler'), Buffer.alloc(8 << 20)), {
        code: 'ENOSPC',
      });
      let pid = 0;
      const emit = (): void => {
        const rows = Array.from({ length: 2000 }, () => ({
          pid: pid++,
          path: `/bin/${pid * 7919}`,
        }));
        provider.emit('process', rows);
      };
      const full = await eventually(
        () => {
          emit();
          return state();
        },
        ({ healthy }) => !healthy,
      );
      assert.match(full.issues.map(({ message }) => message).join(), /store: .*full/);
      emit();
      const count = 'SELECT count(DISTINCT pid) FROM process_events';
      const all = async (): Promise<unknown[]> =>
        eventually(
          async () => [...(await rowsOf(daemon as Daemon, count))],
          ([n]) => n === BigInt(pid),
        );
      assert.deepEqual(await all(), [BigInt(pid)]);
      execFileSync('mount', ['-o', 'remount,size=64m', mount]);
      const well = await eventually(state, ({ healthy }) => healthy);
      assert.deepEqual(well.issues, []);
      assert.equal(daemon.store.native.stats().queuedRows, 0);
      assert.deepEqual(await all(), [BigInt(pid)]);
    } finally {
      await daemon?.stop();
      execFileSync('umount', [mount]);
      removeScratch(mount);
    }
  });
});

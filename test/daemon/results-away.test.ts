import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { makeLogger } from '../../src/config/log.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { healthAnswer } from '../../src/daemon/health.ts';
import { eventually } from '../helpers/eventually.ts';
import { FakeProvider } from '../helpers/fake-provider.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { Postgres } from '../results/postgres.ts';

/** The database is tried every ten seconds. */
const PATIENCE_MS = 60_000;
const log = makeLogger({ level: 'silent' });

describe('daemon: the results database is away', function () {
  this.timeout(120_000);
  let folder: string;
  let daemon: Daemon | undefined;
  let postgres: Postgres | undefined;
  before(() => {
    folder = makeScratch();
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
  });
  after(async () => {
    await postgres?.stop();
    removeScratch(folder);
  });

  const start = async (provider: FakeProvider, results: object): Promise<Daemon> => {
    const file = join(folder, 'weir.json');
    const rule = { query: 'SELECT pid, path FROM process_events', interval: 1, severity: 'high' };
    // The process of all tests is larger than a daemon may be: rules would be given up.
    const limits = { memory: 0, cpu_percent: 0 };
    const content = { results, limits, logger: { path: null }, schedule: { rule } };
    writeFileSync(file, JSON.stringify(content));
    const reread = () => loadConfig({ file, flags: { stateDir: folder }, environment: {} });
    const { config } = reread();
    return Daemon.start({
      ...{ config, configFile: file, reread, log, makeProvider: () => provider },
    });
  };
  const health = ({ store, collection, detecting }: Daemon) =>
    JSON.parse(healthAnswer({ store, collection, detecting }));
  const paths = async (running: Daemon): Promise<readonly unknown[]> =>
    (await running.detecting.results.detections(10)).map(({ row }) => JSON.parse(row).path);

  it('a server: events are seen, and rules find them when it comes', async () => {
    const provider = new FakeProvider();
    const host = join(folder, 'pg');
    const connection = `postgres:///weir?host=${host}&user=weir`;
    const running = await start(provider, { client: 'pg', connection });
    daemon = running;
    provider.emit('process', [{ pid: 7, path: '/bin/meanwhile' }]);
    await eventually(
      () => running.store.native.highWater(),
      (seq) => seq > 0n,
    );
    const [issue] = health(running).issues;
    assert.equal(issue.code, 'RESULTS_UNAVAILABLE');
    assert.match(issue.message, /^queries and rules wait for the results database: .*ENOENT/);
    await assert.rejects(paths(running), { code: 'RESULTS_UNAVAILABLE' });
    await running.reload();
    postgres = await Postgres.start();
    symlinkSync(postgres.folder, host);
    await eventually(
      async () => (running.detecting.waitsFor === '' ? paths(running) : []),
      (found) => found.length > 0,
      PATIENCE_MS,
    );
    assert.deepEqual(await paths(running), ['/bin/meanwhile']);
    assert.deepEqual(health(running).issues, []);
    provider.emit('process', [{ pid: 8, path: '/bin/afterwards' }]);
    await eventually(
      () => paths(running),
      (found) => found.length > 1,
    );
  });

  it('a server that never comes: it ends all the same', async () => {
    const connection = `postgres:///weir?host=${folder}&user=weir`;
    const running = await start(new FakeProvider(), { client: 'pg', connection });
    assert.notEqual(running.detecting.waitsFor, '');
    await running.stop();
  });

  it('a file: the daemon does not start', async () => {
    await assert.rejects(
      start(new FakeProvider(), { connection: join(folder, 'no', 'where.db') }),
      {
        code: 'RESULTS_UNAVAILABLE',
      },
    );
  });
});

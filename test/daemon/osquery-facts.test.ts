import assert from 'node:assert/strict';
import { loadConfig } from '../../src/config/load.ts';
import { makeLogger } from '../../src/config/log.ts';
import type { Config } from '../../src/config/schema.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { native } from '../../src/native/addon.ts';
import { eventually } from '../helpers/eventually.ts';
import { FakeProvider } from '../helpers/fake-provider.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const PACKS: Config['packs'] = {
  here: {
    platform: 'linux',
    shard: 100,
    discovery: ['SELECT 1'],
    queries: { q: { query: 'SELECT 1 AS a', interval: 1, snapshot: true } },
  },
  elsewhere: { platform: 'windows', version: '9.9', queries: {} },
  never: {
    discovery: ['SELECT 1 WHERE 0'],
    queries: { q: { query: 'SELECT 2 AS a', interval: 1 } },
  },
};

describe('daemon: what osquery’s tables about itself show', () => {
  let stateDir: string;
  let daemon: Daemon;
  let next: Config;
  const provider = new FakeProvider();

  before(async () => {
    stateDir = makeScratch();
    const read = loadConfig({ flags: { stateDir }, environment: {}, defaultFile: '/none' });
    const { config } = read;
    next = {
      ...config,
      packs: PACKS,
      schedule: {
        rule: { query: 'SELECT path FROM process_events', mode: 'streaming' },
        never: { query: "SELECT path FROM process_events WHERE path = 'x'", mode: 'streaming' },
        joined: { query: 'SELECT path FROM process_events', interval: 3600 },
      },
      scheduler: { ...config.scheduler, splay_percent: 0 },
      results: { ...config.results, connection: `${stateDir}/own.db` },
      options: { some_flag: 'x' },
    };
    daemon = await Daemon.start({
      reread: () => ({ ...read, config: next }),
      config: next,
      log: makeLogger({ level: 'silent' }),
      makeProvider: () => provider,
    });
  });

  after(async () => {
    await daemon.stop();
    native.connections.limitTemporaryFiles(1 << 30); // of the whole process
    removeScratch(stateDir);
  });

  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    const { columns, rows: found } = await daemon.pool.query(sql);
    return found.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
  }

  it('osquery_schedule: queries, rules, and how they fare', async () => {
    const [ran] = await eventually(
      () => rows("SELECT * FROM osquery_schedule WHERE name = 'pack_here_q' AND executions > 0"),
      (found) => found.length === 1,
    );
    assert.equal(ran?.query, 'SELECT 1 AS a');
    assert.equal(ran?.interval, 1n);
    assert.equal(ran?.denylisted, 0n);
    assert.ok(Number(ran?.average_memory) >= 0 && Number(ran?.last_memory) >= 0);
    assert.notEqual(ran?.average_memory, null);
    assert.ok(Number(ran?.last_executed) > 1e9 && Number(ran?.output_size) > 0);
    const names = await rows('SELECT name, interval FROM osquery_schedule ORDER BY name');
    const [rule] = await rows("SELECT average_memory FROM osquery_schedule WHERE name = 'rule'");
    assert.deepEqual(rule, { average_memory: null });
    assert.deepEqual(names, [
      { name: 'joined', interval: 3600n },
      { name: 'never', interval: 0n },
      { name: 'pack_here_q', interval: 1n },
      { name: 'pack_never_q', interval: 1n },
      { name: 'rule', interval: 0n },
    ]);
  });

  it('osquery_schedule: what rules take that could match', async () => {
    provider.emit('process', [{ path: '/bin/a', boot_id: 'b' }]);
    const times = 'executions, wall_time_ms, last_wall_time_ms, user_time, system_time';
    const [ran] = await eventually(
      () => rows(`SELECT output_size, ${times} FROM osquery_schedule WHERE name = 'rule'`),
      ([rule]) => Number(rule?.executions) > 0,
    );
    assert.equal(Number(ran?.output_size), '{"path":"/bin/a"}'.length);
    for (const time of times.split(', ')) assert.ok(Number(ran?.[time]) >= 0, time);
    const [other] = await rows(
      "SELECT executions, last_executed, wall_time_ms FROM osquery_schedule WHERE name = 'never'",
    );
    assert.deepEqual(other, { executions: 0n, last_executed: 0n, wall_time_ms: 0n });
  });

  it('osquery_packs: what is for this host, and what its discovery said', async () => {
    const packs = await eventually(
      () => rows('SELECT name, platform, version, shard, active FROM osquery_packs ORDER BY name'),
      (found) => found.some(({ name, active }) => name === 'here' && active === 1n),
    );
    const pack = { platform: '', version: '', shard: 100n };
    assert.deepEqual(packs, [
      { name: 'elsewhere', ...pack, platform: 'windows', version: '9.9', active: 0n },
      { name: 'here', ...pack, platform: 'linux', active: 1n },
      { name: 'never', ...pack, active: 0n },
    ]);
    const [asked] = await rows(
      "SELECT discovery_executions AS n FROM osquery_packs WHERE name = 'here'",
    );
    assert.equal(asked?.n, 1n);
  });

  it('osquery_events: tables, their classes, and who reads them', async () => {
    const sql = `SELECT name, publisher, type, subscriptions, active FROM osquery_events
      WHERE name IN ('process_events', 'process', 'hardware_events') ORDER BY name`;
    const process = { publisher: 'process', subscriptions: 3n, active: 1n };
    assert.deepEqual(await rows(sql), [
      {
        ...process,
        name: 'hardware_events',
        publisher: 'host',
        type: 'subscriber',
        subscriptions: 0n,
      },
      { ...process, name: 'process', type: 'publisher' },
      { ...process, name: 'process_events', type: 'subscriber' },
    ]);
  });

  it('osquery_flags: settings without secrets', async () => {
    const sql = `SELECT name, type, value, default_value FROM osquery_flags WHERE name IN
      ('scheduler.splay_percent', 'results.connection', 'some_flag', 'collect.dns') ORDER BY name`;
    assert.deepEqual(await rows(sql), [
      { name: 'collect.dns', type: 'bool', value: 'true', default_value: 'true' },
      { name: 'results.connection', type: 'string', value: '(removed)', default_value: '' },
      { name: 'scheduler.splay_percent', type: 'int64', value: '0', default_value: '10' },
      { name: 'some_flag', type: 'string', value: 'x', default_value: '' },
    ]);
  });

  it('osquery_flags: osquery’s own, each once, in its words, with what is in force', async () => {
    const sql = `SELECT name, type, description, value, default_value FROM osquery_flags
      WHERE name IN ('schedule_splay_percent', 'logger_plugin') ORDER BY name`;
    assert.deepEqual(await rows(sql), [
      {
        name: 'logger_plugin',
        type: 'string',
        description: 'Logger plugin name',
        value: 'filesystem',
        default_value: 'filesystem',
      },
      {
        name: 'schedule_splay_percent',
        type: 'uint64',
        description: 'Percent to splay config times',
        value: '0',
        default_value: '10',
      },
    ]);
    const twice = 'SELECT name FROM osquery_flags GROUP BY name HAVING count(*) > 1';
    assert.deepEqual(await rows(twice), []);
  });

  it('a reload changes what temporary files may take, and osquery_flags says so', async () => {
    next = { ...next, query: { ...next.query, max_temporary_bytes: 1 << 20, workers: 7 } };
    const { applied, afterRestart } = await daemon.reload();
    assert.deepEqual(
      [applied, afterRestart].map((changes) => changes.map(({ key }) => key)),
      [['query.max_temporary_bytes'], ['query.workers']],
    );
    const sql = "SELECT value FROM osquery_flags WHERE name = 'query.max_temporary_bytes'";
    assert.deepEqual(await rows(sql), [{ value: String(1 << 20) }]);
    await assert.rejects(
      daemon.pool.query(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)
        SELECT i, hex(zeroblob(200)) AS x FROM n ORDER BY x, i DESC`),
      { code: 'SQL_TEMPORARY_FILES' },
    );
  });
});

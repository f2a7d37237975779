import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { HEALTH_FIELDS } from '../../src/tables/state/weir/weir-health.ts';
import { eventually } from '../helpers/eventually.ts';
import { parsePrometheus } from '../helpers/prometheus.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function get(target: object): Promise<{ status: number; type: string; text: string }> {
  const call = request({ ...target, method: 'GET' });
  call.end();
  const [answer] = await once(call, 'response');
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return { status: answer.statusCode, type: answer.headers['content-type'] ?? '', text };
}

/** What a name of a query may hold. */
const HOSTILE = 'a"b\\c\nd{}=,\u2028';

describe('live: weir health, weir_health, metrics', () => {
  let daemon: WeirDaemon;
  let state: string;
  let port: number;

  before(async () => {
    state = makeScratch();
    port = await freePort();
    const query = { query: 'SELECT 1', interval: 3600 };
    daemon = await WeirDaemon.start(state, {
      metrics: { listen: `127.0.0.1:${port}` },
      schedule: { plain: query, [HOSTILE]: query },
    });
  });
  after(async () => {
    await daemon?.stop();
    removeScratch(state);
  });

  const health = (...words: string[]): Ran =>
    spawnSync(process.execPath, [WEIR, 'health', '--state-dir', state, ...words], {
      encoding: 'utf8',
    });

  it('says that all is well, and ends with 0', () => {
    const { status, stdout } = health();
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^healthy/);
    assert.match(stdout, new RegExp(`pid ${daemon.pid}`));
  });

  it('--json has every field', () => {
    const report = JSON.parse(health('--json').stdout);
    assert.deepEqual(Object.keys(report), Object.keys(HEALTH_FIELDS));
    assert.equal(report.pid, daemon.pid);
    assert.equal(report.provider, 'ebpf');
    const attached = Object.entries<number>(report.hooks).filter(([tier]) => tier !== 'missing');
    assert.ok(
      attached.reduce((all, [, count]) => all + count, 0) > 20,
      JSON.stringify(report.hooks),
    );
    assert.equal(report.classes.process.covered, true);
    assert.ok(report.store.rows > 0 && report.rss_bytes > 1 << 24 && report.cpu_seconds > 0);
  });

  it('--field shows one, also inside of another', () => {
    assert.equal(health('--field', 'provider').stdout, 'ebpf\n');
    assert.equal(health('--field', 'classes.process.covered').stdout, 'true\n');
    assert.equal(health('--field', 'issues.0.code').stdout, '\n', 'of a list that is shorter now');
  });

  const none = {
    helth: /no field helth; there are healthy, /,
    'store.nope': /no field store\.nope; there are path, bytes, /,
    'classes.process.nope': /no field classes\.process\.nope; there are covered, /,
    'issues.code': /no field issues\.code; a list has numbers/,
    'version.x': /no field version\.x; version is a single value/,
  };
  for (const [field, says] of Object.entries(none)) {
    it(`${field}, a field that is none, is wrong use`, () => {
      const { status, stdout, stderr } = health('--field', field);
      assert.equal(status, 64);
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.match(stderr, /usage: weir health/);
    });
  }

  it('weir_health is the same, from any query thread', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => daemon.query('SELECT * FROM weir_health')),
    );
    for (const [row, ...others] of answers) {
      assert.deepEqual(others, []);
      assert.equal(row?.healthy, 1);
      assert.equal(row?.pid, daemon.pid);
      assert.deepEqual(Object.keys(row ?? {}), Object.keys(HEALTH_FIELDS));
      const { process: covered } = JSON.parse(String(row?.classes));
      assert.equal(covered.covered, true);
    }
  });

  it('metrics are on the socket and, as configured, on TCP, where nothing else is', async () => {
    spawnSync('/bin/true');
    await eventually(
      () => daemon.value(`SELECT seen FROM weir_loss WHERE class = 'process'`),
      (seen) => Number(seen) > 0,
    );
    const starts = new Set<number>();
    for (let i = 0; i < 10; i++) {
      const place = i % 2 === 0 ? { socketPath: daemon.socket } : { host: '127.0.0.1', port };
      const { status, type, text } = await get({ ...place, path: '/metrics' });
      assert.equal(status, 200);
      assert.match(type, /^text\/plain; version=0\.0\.4/);
      const families = parsePrometheus(text);
      assert.equal(families.get('weir_healthy')?.samples.get(''), 1);
      const events = families.get('weir_events_total')?.samples;
      assert.ok(Number(events?.get('class="process",stage="seen"')) > 0, text);
      const queries = [...(families.get('weir_query_runs_total')?.samples.keys() ?? [])];
      assert.deepEqual(queries.sort(), ['query="a\\"b\\\\c\\nd{}=,\u2028"', 'query="plain"']);
      starts.add(Number(families.get('process_start_time_seconds')?.samples.get('')));
    }
    // A start that moves would be taken for a restart.
    assert.equal(starts.size, 1);
    for (const path of ['/query', '/health', '/']) {
      assert.equal((await get({ host: '127.0.0.1', port, path })).status, 404);
    }
  });

  it('without a daemon: not healthy, and 1', () => {
    const nobody = makeScratch();
    const { status, stdout } = spawnSync(
      process.execPath,
      [WEIR, 'health', '--json', '--state-dir', nobody],
      { encoding: 'utf8' },
    );
    removeScratch(nobody);
    assert.equal(status, 1);
    assert.equal(JSON.parse(stdout).issues[0].code, 'NO_DAEMON');
  });

  it('a port that is taken stops the daemon from starting, with the reason', async () => {
    const other = makeScratch();
    const taken = { provider: 'off', metrics: { listen: `127.0.0.1:${port}` } };
    await assert.rejects(WeirDaemon.start(other, taken), /metrics\.listen: cannot listen on 127/);
    removeScratch(other);
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { WeirError } from '../../../src/config/errors.ts';
import { makeLogger } from '../../../src/config/log.ts';
import { scheduledQuery } from '../../../src/detect/scheduled-query.ts';
import { RuleThread } from '../../../src/detect/streaming/rule-thread.ts';
import { Streaming, type StreamingOptions } from '../../../src/detect/streaming/streaming.ts';
import { openResultStore } from '../../../src/results/open.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import type { Detection } from '../../../src/results/types.ts';
import { eventually } from '../../helpers/eventually.ts';
import { StoreFixture } from '../../store/fixture.ts';

const TMP = "SELECT path FROM process_events WHERE path LIKE '/tmp/%'";
const SHELLS = "SELECT path FROM process_events WHERE path LIKE '%/sh'";

describe('Streaming', () => {
  let fixture: StoreFixture;
  let results: ResultStore;
  let streaming: Streaming | null;
  let seen: Detection[];
  let log: string[];

  beforeEach(async () => {
    fixture = new StoreFixture();
    results = await openResultStore(
      { client: 'sqlite', path: join(fixture.folder, 'results.db') },
      'h',
    );
    streaming = null;
    seen = [];
    log = [];
  });

  afterEach(async () => {
    await streaming?.stop();
    await results.close();
    await fixture.dispose();
  });

  async function start(
    rules: Readonly<Record<string, string>>,
    options: Partial<StreamingOptions> = {},
  ): Promise<Streaming> {
    streaming = await Streaming.start({
      rules: Object.entries(rules).map(([name, query]) =>
        scheduledQuery(name, { query, mode: 'streaming', severity: 'high' }, { interval: 1 }),
      ),
      store: results,
      path: fixture.path,
      highWater: () => fixture.store.highWater(),
      startSeq: fixture.store.highWater(),
      epoch: 0,
      numerics: false,
      decorations: () => Promise.resolve({}),
      log: makeLogger({ level: 'info', terminal: false, write: (line) => log.push(line) }),
      recorded: (detections) => void seen.push(...detections),
      ...options,
    });
    return streaming as Streaming;
  }

  let made = 0;
  function exec(...paths: string[]): void {
    fixture.append(
      'process',
      paths.map((path) => ({ path: `${path}${path.endsWith('/') ? made++ : ''}`, boot_id: 'b' })),
    );
    streaming?.wake();
  }

  /** The results database with another commit. */
  function withCommit(commit: ResultStore['commit']): ResultStore {
    return new Proxy(results, {
      get(target, key: keyof ResultStore) {
        if (key === 'commit') return commit;
        const value = target[key];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  const found = async (count: number): Promise<string[]> => {
    await eventually(
      () => seen.length,
      (length) => length >= count,
    );
    return seen.map(({ rule, row }) => `${rule} ${JSON.parse(row).path}`);
  };

  it('reports events as they come, each once per rule', async () => {
    await start({ tmp: TMP, shells: SHELLS });
    exec('/tmp/sh', '/bin/ls');
    assert.deepEqual(await found(2), ['tmp /tmp/sh', 'shells /tmp/sh']);
    exec('/tmp/x');
    assert.deepEqual((await found(3)).slice(2), ['tmp /tmp/x']);
    assert.deepEqual([...(await results.detections(10))].reverse(), seen);
    assert.deepEqual((await results.state('tmp'))?.counter, 2);
  });

  it('goes on after a restart, with what came meanwhile, and repeats nothing', async () => {
    await start({ tmp: TMP });
    exec('/tmp/1');
    await found(1);
    await streaming?.stop();
    streaming = null;
    exec('/tmp/2');
    await fixture.reopen();
    await start({ tmp: TMP });
    exec('/tmp/3');
    assert.deepEqual(await found(3), ['tmp /tmp/1', 'tmp /tmp/2', 'tmp /tmp/3']);
  });

  it('starts a second rule now, and lets the first go on', async () => {
    await start({ tmp: TMP });
    exec('/tmp/1');
    await found(1);
    await streaming?.stop();
    await start({ tmp: TMP, second: TMP });
    exec('/tmp/2');
    assert.deepEqual(await found(3), ['tmp /tmp/1', 'tmp /tmp/2', 'second /tmp/2']);
  });

  it('neither loses nor doubles an event while it is stopped and started over and over', async () => {
    const rules = { tmp: TMP, other: `${TMP} AND pid = 0` };
    const feeder = setInterval(() => exec('/tmp/', '/bin/', '/tmp/'), 1);
    try {
      for (let round = 0; round < 12; round++) {
        await start(rules);
        await new Promise((resolve) => setTimeout(resolve, round * 7));
        await streaming?.stop();
      }
    } finally {
      clearInterval(feeder);
    }
    await start(rules);
    const first = (await results.state('tmp'))?.cursor;
    const paths = fixture
      .reader()
      .prepare<[], string>(`SELECT path FROM process_events WHERE path LIKE '/tmp/%' ORDER BY seq`)
      .pluck()
      .all();
    const all = (await found(paths.length * 2)).length;
    assert.notEqual(first, undefined);
    for (const rule of ['tmp', 'other']) {
      const own = seen.filter((d) => d.rule === rule).map((d) => JSON.parse(d.row).path);
      assert.deepEqual(own, paths);
    }
    assert.equal(all, paths.length * 2);
  });

  it('keeps what it found while the results database is away', async () => {
    let failing = 2;
    const flaky = withCommit((...runs) => {
      if (runs.every((run) => run.rows.length === 0) || failing-- <= 0) {
        return results.commit(...runs);
      }
      throw new WeirError('RESULTS_UNAVAILABLE', 'disk full');
    });
    await start({ tmp: TMP }, { store: flaky });
    exec('/tmp/1');
    assert.deepEqual(await found(1), ['tmp /tmp/1']);
    assert.match(log.join(''), /detections wait/);
  });

  it('takes a commit whose answer was lost for done', async () => {
    let lost = false;
    const flaky = withCommit(async (...runs) => {
      const detections = await results.commit(...runs);
      if (lost || runs.every((run) => run.rows.length === 0)) return detections;
      lost = true;
      throw new WeirError('RESULTS_UNAVAILABLE', 'connection lost');
    });
    await start({ tmp: TMP }, { store: flaky });
    exec('/tmp/1');
    exec('/tmp/2');
    await eventually(
      async () => (await results.detections(9)).length,
      (count) => count >= 2,
    );
    await streaming?.stop();
    assert.equal((await results.detections(9)).length, 2);
  });

  it('goes on where another daemon has come to, and repeats nothing of it', async () => {
    await start({ tmp: TMP });
    exec('/tmp/1');
    await found(1);
    const before = await results.state('tmp');
    const upto = fixture.append('process', [{ path: '/tmp/2', boot_id: 'b' }]).lastSeq;
    assert.ok(before !== null);
    await results.commit({
      name: 'tmp',
      kind: 'events',
      numerics: false,
      decorations: {},
      before,
      after: { ...before, cursor: upto, counter: before.counter + 1 },
      rows: [{ action: 'added', columns: '{"path":"/tmp/2"}' }],
    });
    exec('/tmp/3');
    assert.deepEqual(await found(2), ['tmp /tmp/1', 'tmp /tmp/3']);
    assert.match(log.join(''), /another daemon/);
  });

  it('starts the thread again when it dies', async () => {
    const threads: RuleThread[] = [];
    const makeThread: StreamingOptions['makeThread'] = (data) => {
      threads.push(new RuleThread(data));
      return threads.at(-1) as RuleThread;
    };
    await start({ tmp: TMP }, { makeThread });
    exec('/tmp/1');
    await found(1);
    await threads[0]?.close();
    exec('/tmp/2');
    assert.deepEqual(await found(2), ['tmp /tmp/1', 'tmp /tmp/2']);
    assert.equal(threads.length, 2);
  });

  it('says once that a rule fails, and when it works again', async () => {
    await start({ broken: 'SELECT json(path) AS path FROM process_events' });
    exec('{');
    await eventually(
      () => log.length,
      (count) => count > 0,
    );
    assert.match(log.join(''), /rule fails/);
    const [statistics] = streaming?.statistics() ?? [];
    assert.match(statistics?.lastError ?? '', /malformed JSON/);
  });
});

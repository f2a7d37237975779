import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '../../src/native/addon.ts';
import type { KernelFilters } from '../../src/native/sensor.ts';
import { EventBatch } from '../../src/sensor/batch.ts';
import { EbpfProvider } from '../../src/sensor/ebpf-provider.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { Cgroup } from '../helpers/cgroup.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { runInside } from '../helpers/workload.ts';
import { COLLECT_ALL } from '../sensor/filters.ts';

const BPF = new URL('../../build/bpf', import.meta.url).pathname;
const FILE = CLASS_NAMES.indexOf('file');

interface Row {
  readonly action: string;
  readonly path: string;
  readonly count: number;
}

interface Outcome {
  readonly rows: readonly Row[];
  readonly seen: number;
  readonly coalesced: number;
  readonly rateLimited: number;
  readonly lost: number;
  readonly seconds: number;
}

describe('live: the economy of the sensor', () => {
  let cgroup: Cgroup;
  let scratch: string;
  before(() => {
    cgroup = new Cgroup();
    scratch = makeScratch();
    mkdirSync(join(scratch, 'files'));
  });
  after(() => {
    cgroup.remove();
    removeScratch(scratch);
  });

  /** Runs a shell script on one processor and takes all file rows that it made. */
  async function watch(filters: Partial<KernelFilters>, script: string): Promise<Outcome> {
    const provider = new EbpfProvider({
      bpfDirectory: BPF,
      filters: { ...COLLECT_ALL, classes: 1 << FILE, onlyCgroups: [cgroup.id], ...filters },
    });
    const rows: Row[] = [];
    const take = () => {
      for (let made = provider.next(); made !== null; made = provider.next()) {
        const batch = new EventBatch(made);
        if (batch.className === 'file') {
          const counts = batch.u32('count');
          const text = (column: string, row: number) =>
            batch.text(column, batch.codes(column)[row] ?? 0) ?? '';
          for (const [row, count] of counts.entries()) {
            rows.push({ action: text('action', row), path: text('target_path', row), count });
          }
        }
        native.release(made);
      }
    };
    const before = native.loss();
    provider.start(take);
    const begin = process.hrtime.bigint();
    const { code } = await runInside(cgroup, '/usr/bin/taskset', [
      '-c',
      '0',
      '/bin/sh',
      '-c',
      script,
    ]);
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    assert.equal(code, 0);
    provider.drain();
    take();
    provider.stop();
    take();
    const after = native.loss();
    const since = (of: keyof typeof after) => (after[of][FILE] ?? 0) - (before[of][FILE] ?? 0);
    return {
      rows: rows.filter(({ path }) => path.startsWith(scratch)),
      seen: since('seen'),
      coalesced: since('coalesced'),
      rateLimited: since('rateLimited'),
      lost: since('lostRing') + since('lostMap') + since('lostDecode') + since('lostQueue'),
      seconds,
    };
  }

  it('folds repeats of one file by one process into counts, and loses none of them', async () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    const loop = `i=0; while [ $i -lt 1000 ]; do : > ${file}; i=$((i + 1)); done`;
    // After the interval the next one says how many it stands for.
    const done = await watch(
      { repeatBurst: 10, repeatIntervalMs: 300 },
      `${loop}; /bin/sleep 0.5; : > ${file}`,
    );
    const of = (action: string) => done.rows.filter((row) => row.action === action);
    for (const action of ['open_write', 'close_write']) {
      assert.equal(
        of(action).reduce((sum, { count }) => sum + count, 0),
        1001,
        action,
      );
      assert.ok(of(action).length < 1001, action);
      assert.ok(of(action)[0]?.count === 1 && of(action)[9]?.count === 1, action);
    }
    assert.equal(done.seen, done.rows.length + done.coalesced);
    assert.equal(done.seen, 2002);
    assert.equal(done.lost, 0);
  });

  it('keeps different files apart, even in the place of removed ones', async () => {
    const loop = `i=0; while [ $i -lt 300 ]; do : > ${scratch}/files/$i; i=$((i + 1)); done; rm ${scratch}/files/*`;
    const done = await watch({ repeatBurst: 1, repeatIntervalMs: 60_000 }, `${loop}; ${loop}`);
    assert.equal(done.coalesced, 0);
    assert.equal(done.rows.length, 6 * 300);
    assert.equal(done.seen, done.rows.length);
  });

  it('folds at once while the ring is more than half full, and no longer when it is empty again', async () => {
    const OPENS = 20;
    const LONG = 'd'.repeat(250);
    const deep = join(scratch, ...Array.from({ length: 13 }, () => LONG));
    mkdirSync(deep, { recursive: true });
    const provider = new EbpfProvider({
      bpfDirectory: BPF,
      filters: {
        ...COLLECT_ALL,
        classes: 1 << FILE,
        onlyCgroups: [cgroup.id],
        repeatBurst: 2 * OPENS,
        repeatIntervalMs: 60_000,
      },
      queueBatches: 1, // filled by the first batch: then the ring keeps what nobody takes
    });
    const opens = new Map<string, number>();
    const take = () => {
      for (let made = provider.next(); made !== null; made = provider.next()) {
        const batch = new EventBatch(made);
        if (batch.className === 'file') {
          for (let row = 0; row < batch.rows; row++) {
            const text = (column: string) =>
              batch.text(column, batch.codes(column)[row] ?? 0) ?? '';
            if (text('action') !== 'open_write') continue;
            opens.set(text('target_path'), (opens.get(text('target_path')) ?? 0) + 1);
          }
        }
        native.release(made);
      }
    };
    const again = (name: string) => {
      const file = join(scratch, name);
      writeFileSync(file, '');
      return `i=0; while [ $i -lt ${OPENS} ]; do : > ${file}; i=$((i + 1)); done`;
    };
    // 1,400 records of 3.5 KB: between a half and the whole of 8 MiB.
    const fill = `cd ${deep}; i=0; while [ $i -lt 700 ]; do : > $i; i=$((i + 1)); done`;
    const run = (script: string) =>
      runInside(cgroup, '/usr/bin/taskset', ['-c', '0', '/bin/sh', '-c', script]);
    const lost = () => native.loss().lostRing[FILE] as number;
    const before = lost();
    provider.start(() => {});
    try {
      await run(`${again('calm')}; ${fill}; ${again('pressed')}`);
      provider.drain();
      take();
      await run(again('relieved'));
      provider.drain();
      take();
    } finally {
      provider.stop();
      take();
    }
    const of = (name: string) => opens.get(join(scratch, name));
    assert.deepEqual(['calm', 'pressed', 'relieved'].map(of), [OPENS, 1, OPENS]);
    assert.equal(lost(), before);
  });

  const short = (begin: string) =>
    `i=0; while [ $i -lt 400 ]; do ${begin} /bin/sh -c ': > ${scratch}/files/'$i; i=$((i + 1)); done`;
  // What a bucket may have let through, and how many came: opens and closes of 400 processes.
  const LIMIT = { rate: 100, burst: 50 };
  for (const [what, filters, begin] of [
    ['a tree of short processes', { treeRate: LIMIT.rate, rateBurst: LIMIT.burst }, ''],
    [
      'a cgroup, whose processes all begin sessions of their own,',
      { treeRate: LIMIT.rate, cgroupRate: LIMIT.rate, rateBurst: LIMIT.burst },
      '/usr/bin/setsid -w',
    ],
  ] as const) {
    it(`holds ${what} to its rate, and counts what it drops`, async () => {
      const done = await watch(filters, short(begin));
      assert.ok(done.rateLimited > 0);
      assert.ok(
        done.rows.length <= LIMIT.burst + LIMIT.rate * done.seconds + 2,
        `${done.rows.length}`,
      );
      assert.equal(done.seen, 800);
      assert.equal(done.seen, done.rows.length + done.rateLimited);
      assert.equal(done.lost, 0);
    });
  }

  it('grants a long burst whole to one, and half of it at least to two who take turns', async () => {
    const BURST = 600;
    const files = (first: number, count: number) =>
      `i=${first}; while [ $i -lt ${first + count} ]; do : > ${scratch}/files/$i; i=$((i + 1)); done`;
    const limit = { cgroupRate: LIMIT.rate, rateBurst: BURST };
    // On one processor each turn of the other's costs what was paid ahead.
    const alone = (first: number) => `/usr/bin/setsid -w /bin/sh -c '${files(first, 1000)}'`;
    const turns = `${alone(1000)} & ${alone(2000)} & wait`;
    for (const [script, made, least] of [
      [files(1000, 1000), 2000, BURST],
      [turns, 4000, BURST / 2],
    ] as const) {
      const done = await watch(limit, script);
      const most = BURST + LIMIT.rate * done.seconds + 2;
      assert.ok(done.rows.length >= least - 1, `${done.rows.length} of ${least}`);
      assert.ok(done.rows.length <= most, `${done.rows.length} of ${most}`);
      assert.equal(done.seen, made);
      assert.equal(done.seen, done.rows.length + done.rateLimited);
      assert.equal(done.lost, 0);
    }
  });

  it('limits sessions apart from each other', async () => {
    const done = await watch(
      { treeRate: LIMIT.rate, rateBurst: LIMIT.burst },
      short('/usr/bin/setsid -w'),
    );
    assert.equal(done.rateLimited, 0);
    assert.equal(done.rows.length, done.seen);
  });
});

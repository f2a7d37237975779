import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WeirDaemon } from '../test/helpers/weir-daemon.ts';
import { cpuSeconds, residentMiB } from './process-statistics.ts';
import { median, printTable, say } from './report.ts';
import { steadyLoad } from './steady-load.ts';

const RATE = 2000;
/** Small, so that retention works all the time. */
const MAX_BYTES = 8 << 20;
const SAMPLE_MS = 5000;
const RELOAD_MS = 60_000;
const LIMIT_MB_PER_HOUR = 1;
/** Of the whole: until caches are full and retention has begun. */
const WARM_UP = 1 / 3;

const QUERIES = [
  'SELECT path, count(*) AS n FROM process_file_events GROUP BY path ORDER BY n DESC LIMIT 10',
  'SELECT s.path, p.cmdline FROM socket_events s JOIN process_seen p USING (exec_id) LIMIT 100',
  'SELECT pid, name, cmdline FROM processes',
  "SELECT * FROM process_events WHERE cmdline LIKE '%nothing%' ORDER BY time DESC LIMIT 10",
] as const;

type Point = readonly [hour: number, mib: number];

/** `--minutes N` (default 60); null when the arguments are not understood. */
export function soakBench(args: readonly string[]): (() => Promise<void>) | null {
  if (args.length === 0) return () => soak(60);
  const minutes = Number(args[1]);
  if (args[0] !== '--minutes' || args.length !== 2 || !(minutes > 0)) return null;
  return () => soak(minutes);
}

/** A steady load with queries and reloads for so long; prints what grew. */
async function soak(minutes: number): Promise<void> {
  const packs = { '*': new URL('../queries/*.json', import.meta.url).pathname };
  const load = await steadyLoad({ store: { max_bytes: MAX_BYTES }, packs });
  const { state, daemon, config } = load;
  const seconds = Math.ceil(minutes * 60);
  load.start(RATE, seconds + 30).stdout.resume();
  say(`${RATE} events/s for ${minutes} minutes, with queries and reloads`);

  const samples: Point[] = [];
  const sizes: number[] = [];
  const started = performance.now();
  const cpu = cpuSeconds(daemon.pid);
  const before = await events(daemon);
  let reloads = 0;
  for (let asked = 0; performance.now() - started < seconds * 1000; asked++) {
    await sleep(SAMPLE_MS);
    // At rest: what a query takes and returns would hide what stays.
    const resident = residentMiB(daemon.pid).now;
    await daemon.query(QUERIES[asked % QUERIES.length] as string);
    const elapsed = performance.now() - started;
    if (elapsed > (reloads + 1) * RELOAD_MS) {
      // Something that changes each time, so that all of it is made anew.
      const splay = { scheduler: { splay_percent: reloads % 2 } };
      writeFileSync(join(state, 'test-config.json'), JSON.stringify({ ...config, ...splay }));
      process.kill(daemon.pid, 'SIGHUP');
      reloads++;
    }
    sizes.push(sizeOf(state, /^events\.db/));
    if (elapsed > seconds * 1000 * WARM_UP) {
      samples.push([elapsed / 3_600_000, resident]);
    }
  }
  const busy = (cpuSeconds(daemon.pid) - cpu) / ((performance.now() - started) / 1000);
  const rate = ((await events(daemon)) - before) / ((performance.now() - started) / 1000);
  const lost = await daemon.value(
    'SELECT sum(lost_ring + lost_map + lost_decode + lost_queue + lost_store) FROM weir_loss',
  );
  const expired = await daemon.value('SELECT sum(expired) FROM weir_loss');
  const slope = slopeOf(samples);
  const means = meansOf(samples);
  const largest = Math.max(...sizes) / (1 << 20);
  printTable(
    ['steady load', 'measured', 'limit'],
    [
      ['minutes, events a second', `${minutes}, ${rate.toFixed(0)}`, ''],
      ['queries, reloads', `${sizes.length}, ${reloads}`, ''],
      ['resident memory grows, MiB an hour', slope.toFixed(2), String(LIMIT_MB_PER_HOUR)],
      ['resident after warm-up, median MiB', median(samples.map(([, m]) => m)).toFixed(0), ''],
      ['so far from a straight line, MiB an hour', `± ${errorOf(means).toFixed(2)}`, ''],
      ['by five minutes, MiB', means.map(([, mib]) => mib.toFixed(0)).join(' '), ''],
      ['events lost', String(lost), '0'],
      ['events that retention took', String(expired), ''],
      ['store with its log, largest MiB', largest.toFixed(1), ''],
      ['of that kept by store.max_bytes, MiB', (MAX_BYTES / (1 << 20)).toFixed(0), ''],
      ['one core busy with the daemon', `${(busy * 100).toFixed(1)} %`, ''],
    ],
  );
  if (slope > LIMIT_MB_PER_HOUR || Number(lost) > 0) process.exitCode = 1;
}

async function events(daemon: WeirDaemon): Promise<number> {
  return Number(await daemon.value('SELECT sum(seen) FROM weir_loss'));
}

function sizeOf(folder: string, names: RegExp): number {
  const files = readdirSync(folder).filter((name) => names.test(name));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Of five minutes each. */
function meansOf(points: readonly Point[]): Point[] {
  const spans = Object.values(Object.groupBy(points, ([hour]) => Math.floor(hour * 12)));
  return spans.map((span = []) => meanOf(span));
}

function meanOf(points: readonly Point[]): Point {
  const mean = (i: 0 | 1): number => points.reduce((sum, p) => sum + p[i], 0) / points.length;
  return [mean(0), mean(1)];
}

/** Least squares: how much the second grows as the first grows by one. */
function slopeOf(points: readonly Point[]): number {
  const [x, y] = meanOf(points);
  const products = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return products / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** Standard error of the slope, for points that do not hang on each other. */
function errorOf(points: readonly Point[]): number {
  const slope = slopeOf(points);
  const [x, y] = meanOf(points);
  const beside = points.reduce((sum, [a, b]) => sum + (b - y - slope * (a - x)) ** 2, 0);
  const spread = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return Math.sqrt(beside / (points.length - 2) / spread);
}

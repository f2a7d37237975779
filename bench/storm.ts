import { lossByClass, STORM_CLASSES, storm } from '../test/helpers/storm.ts';
import { Watch } from '../test/helpers/watch.ts';
import { onCleanup } from './cleanup.ts';
import { cpuSeconds, residentMiB } from './process-statistics.ts';
import { printTable, say } from './report.ts';

const REST_MS = 120_000;

/** `--seconds N`: two cores of execs, opens and connects for so long; null when misunderstood. */
export function stormBench(args: readonly string[]): (() => Promise<void>) | null {
  const [name, value = '', ...more] = args;
  const seconds = Number(value);
  const understood = name === '--seconds' && more.length === 0 && seconds > 0 && seconds <= 3600;
  return understood ? () => run(seconds) : null;
}

async function run(seconds: number): Promise<void> {
  const watch = await Watch.start({ debounce: {} });
  onCleanup(() => watch.stop());
  const { pid } = watch.daemon;
  const cpuBefore = cpuSeconds(pid);
  say(`flooding for ${seconds} s`);
  const done = await storm(watch, seconds);
  const loss = await lossByClass(watch, REST_MS);
  const cpu = cpuSeconds(pid) - cpuBefore;
  const memory = residentMiB(pid);

  const number = (amount: number): string => amount.toLocaleString('en');
  let good = true;
  const rows = STORM_CLASSES.map((name) => {
    const row = loss.get(name) ?? {};
    const of = (column: string): number => Number(row[column]);
    const lost = ['lost_ring', 'lost_map', 'lost_decode', 'lost_queue', 'lost_store']
      .map(of)
      .reduce((sum, one) => sum + one, 0);
    const exact = of('seen') === done[name] && of('balance') === 0 && of('pending') === 0;
    good &&= exact && (lost === 0 || name === 'file' || name === 'socket');
    return [
      name,
      number(done[name]),
      number(Math.round(done[name] / done.seconds)),
      ...['seen', 'stored', 'coalesced', 'rate_limited'].map((column) => number(of(column))),
      number(lost),
      exact ? 'yes' : 'NO',
    ];
  });
  printTable(
    ['class', 'made', 'a second', 'seen', 'stored', 'coalesced', 'limited', 'lost', 'exact'],
    rows,
  );
  process.stdout.write(
    `\nworkload ${done.seconds.toFixed(1)} s; weir used ${cpu.toFixed(1)} s of processor time; ` +
      `resident ${memory.now.toFixed(0)} MiB, at most ${memory.peak.toFixed(0)} MiB\n`,
  );
  if (!good) process.exitCode = 1;
}

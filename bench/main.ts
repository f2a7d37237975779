import { cleanUp, cleanUpOnSignals } from './cleanup.ts';
import { flood } from './flood.ts';
import { latencyBench } from './latency.ts';
import { overhead } from './overhead.ts';
import { soakBench } from './soak.ts';
import { storeBench } from './store.ts';
import { stormBench } from './storm.ts';
import { tablesBench } from './tables.ts';

/** Arguments after the name; `null` when they are not understood. */
type Bench = (args: readonly string[]) => (() => Promise<void>) | null;
const plain =
  (run: () => Promise<void>): Bench =>
  (args) =>
    args.length === 0 ? run : null;

const BENCHES: Readonly<Record<string, Bench>> = {
  flood: (args) => (args.length === 0 ? () => flood() : stormBench(args)),
  latency: latencyBench,
  overhead: plain(overhead),
  soak: soakBench,
  store: storeBench,
  tables: plain(tablesBench),
};

const name = process.argv[2] ?? '';
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name]?.(process.argv.slice(3)) : null;
if (!bench) {
  process.stderr.write(
    `usage: npm run bench -- flood [--seconds 60]|latency [--shipped]|overhead|soak [--minutes 60]|tables|store [--rows 10000000]\n`,
  );
  process.exitCode = 64;
} else {
  cleanUpOnSignals();
  try {
    await bench();
  } finally {
    await cleanUp();
  }
}

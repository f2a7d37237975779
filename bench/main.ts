import { cleanUp, cleanUpOnSignals } from './cleanup.ts';
import { flood } from './flood.ts';
import { overhead } from './overhead.ts';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = { flood: () => flood(), overhead };

const name = process.argv[2] ?? '';
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined || process.argv.length > 3) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')}\n`);
  process.exitCode = 64;
} else {
  cleanUpOnSignals();
  try {
    await bench();
  } finally {
    await cleanUp();
  }
}

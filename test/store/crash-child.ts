// Appends until it is killed, telling what was given and what is durable: see crash.test.ts.
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { native } from '../../src/sensor/native.ts';
import { extend } from './fixture.ts';

const path = process.argv[2] as string;
extend(new Database(':memory:'));
const store = native.openStore({ path, flushMs: 5 });
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

for (let i = 0; ; i++) {
  const rows = Array.from({ length: 1 + ((i * 31) % 700) }, (_, r) => ({ pid: r, path: '/bin/x' }));
  const { firstSeq, lastSeq } = store.append(
    native.buildBatch(i % 2 === 0 ? 0 : 3, rows),
    null,
    [],
  );
  say(`given ${firstSeq} ${lastSeq}`);
  if (i % 10 === 9) {
    const high = store.highWater();
    await store.flush();
    say(`durable ${high}`);
  }
  await turn();
}

// Waits for the path of a store on its input, then appends to it until it is killed, telling what
// was given and what is durable: see crash.test.ts.
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { extend } from './fixture.ts';

extend(new Database(':memory:'));
const [path] = await once(process.stdin.setEncoding('utf8'), 'data');
const store = native.openStore({ path: path.trim(), flushMs: 5 });
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

for (let i = 0; ; i++) {
  // Which row of which append a row was is told by its values: pid, and auid as the append's size.
  const size = 1 + ((i * 31) % 700);
  const rows = Array.from({ length: size }, (_, r) => ({
    pid: r,
    auid: size,
    path: `/bin/x${r % 7}`,
  }));
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

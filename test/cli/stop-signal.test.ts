import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const MODULE = new URL('../../src/cli/daemon-process.ts', import.meta.url).href;

/** Says when it may get signals, what the first was, and each word that it is told. */
const PROGRAM = `
import { createInterface } from 'node:readline';
import { stopSignal } from '${MODULE}';
const lines = createInterface(process.stdin); // keeps it alive
const signal = stopSignal();
console.log('waiting');
console.log(await signal);
for await (const line of lines) console.log(line);
`;

describe('cli: the signal that stops', () => {
  it('is told once when it comes twice, as from a terminal and from npm', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const ended = once(child, 'exit');
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const next = async (): Promise<string> => String((await lines.next()).value);
      assert.equal(await next(), 'waiting');
      child.kill('SIGINT');
      child.kill('SIGINT');
      assert.equal(await next(), 'SIGINT');
      child.kill('SIGINT');
      child.stdin.write('still here\n');
      assert.equal(await next(), 'still here');
      // Somebody who means it does it again.
      const again = setInterval(() => child.kill('SIGINT'), 100);
      const [code, signal] = await ended;
      clearInterval(again);
      assert.deepEqual([code, signal], [null, 'SIGINT']);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const CHILD = new URL('./crash-child.ts', import.meta.url).pathname;

/** What a writer said before it was killed. */
export interface LastWords {
  /** Seqs that appends got, [first, last], in order. */
  readonly given: readonly (readonly [bigint, bigint])[];
  /** Seqs up to here were flushed; 0n when it did not get that far. */
  readonly durable: bigint;
}

/** A process that writes to a store once it is told which, and is killed at some moment then. */
export class KilledWriter {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #given: [bigint, bigint][] = [];
  #durable = 0n;

  constructor() {
    this.#child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on('line', (line) => {
      const [word, first = '', last = ''] = line.split(' ');
      if (word === 'given') this.#given.push([BigInt(first), BigInt(last)]);
      if (word === 'durable') this.#durable = BigInt(first);
    });
  }

  /** Lets it write for `ms` after its first append (or kills it before that, when negative: so
   * long after it was told the path), and waits until it is gone. */
  async live(path: string, ms: number): Promise<LastWords> {
    const gone = once(this.#lines, 'close');
    this.#child.stdin.write(`${path}\n`);
    if (ms >= 0) await Promise.race([once(this.#lines, 'line'), gone]);
    await Promise.race([sleep(Math.abs(ms)), gone]);
    const died = this.#child.exitCode !== null;
    this.#child.kill('SIGKILL');
    await gone;
    if (died) throw new Error(`the writer ended by itself with ${this.#child.exitCode}`);
    return { given: this.#given, durable: this.#durable };
  }

  dispose(): void {
    this.#child.kill('SIGKILL');
  }
}

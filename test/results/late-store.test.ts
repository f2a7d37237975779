import assert from 'node:assert/strict';
import { WeirError } from '../../src/config/errors.ts';
import { LateStore } from '../../src/results/late-store.ts';
import type { ResultStore } from '../../src/results/store.ts';

/** As much of a store as is asked here; a private field as the real one has. */
class Small {
  readonly id = 'abc';
  readonly #names: string[] = [];
  closed = 0;
  async openSink(name: string): Promise<void> {
    this.#names.push(name);
  }
  get names(): readonly string[] {
    return this.#names;
  }
  async close(): Promise<void> {
    this.closed++;
  }
}

describe('results: a database that is away at the start', () => {
  const away = new WeirError('RESULTS_UNAVAILABLE', 'connection refused');

  it('rejects until it is there, and then is the store itself', async () => {
    const real = new Small();
    const answers = [() => Promise.reject(away), () => Promise.resolve(real)];
    const late = new LateStore(() => answers.shift()?.() as unknown as Promise<ResultStore>);
    const openSink = late.store.openSink.bind(late.store);
    await assert.rejects(late.open(), away);
    assert.equal(late.why, 'connection refused');
    assert.equal(late.store.id, '');
    await assert.rejects(openSink('a'), {
      code: 'RESULTS_UNAVAILABLE',
      message: 'connection refused',
    });
    await late.open();
    await late.open();
    assert.equal(late.why, '');
    assert.equal(late.store.id, 'abc');
    await openSink('b');
    assert.deepEqual(real.names, ['b']);
    await late.store.close();
    assert.equal(real.closed, 1);
  });

  it('is closed when it comes after the end', async () => {
    const real = new Small();
    const late = new LateStore(() => Promise.resolve(real as unknown as ResultStore));
    await late.store.close();
    await late.open();
    assert.equal(real.closed, 1);
    assert.notEqual(late.why, '');
  });
});

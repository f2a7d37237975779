import assert from 'node:assert/strict';
import { TestScheduler } from 'rxjs/testing';
import { WeirError } from '../../src/config/errors.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { eventBatch } from '../helpers/batch.ts';

describe('StreamGuard', () => {
  it('lets the batch go on when an operator throws, counts, and reports once per kind', () => {
    const reports: string[] = [];
    const guard = new StreamGuard((operator, error) => reports.push(`${operator}: ${error}`));
    let calls = 0;
    const operator = guard.each('odd', () => {
      calls++;
      if (calls === 2) throw new TypeError('two');
      if (calls > 2) throw new WeirError('SOME_CODE', 'more');
    });
    const batches = {
      a: eventBatch('file', []),
      b: eventBatch('file', []),
      c: eventBatch('file', []),
    };
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    scheduler.run(({ cold, expectObservable }) => {
      expectObservable(cold('a-b-c-a-|', batches).pipe(operator)).toBe('a-b-c-a-|', batches);
    });
    assert.deepEqual(
      [...guard.failures],
      [
        ['odd: TypeError', 1],
        ['odd: SOME_CODE', 2],
      ],
    );
    assert.deepEqual(reports, ['odd: TypeError: two', 'odd: WeirError: more']);
  });

  it('returns the other value when work throws, and survives a report that throws', () => {
    const guard = new StreamGuard(() => {
      throw new Error('log is full');
    });
    assert.equal(
      guard.run('x', () => 1, 2),
      1,
    );
    assert.equal(
      guard.run(
        'x',
        () => {
          throw 'text';
        },
        2,
      ),
      2,
    );
    assert.deepEqual([...guard.failures], [['x: string', 1]]);
  });
});

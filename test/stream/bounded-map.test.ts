import assert from 'node:assert/strict';
import { BoundedMap, boundedMaps } from '../../src/stream/bounded-map.ts';

const map = (entries: number, bytes: number) =>
  new BoundedMap<string, string>(
    'test',
    { entries, bytes },
    (key, value) => key.length + value.length,
  );

describe('stream: bounded maps', () => {
  it('keep to their bytes, whatever is put in; what was set longest ago makes room', () => {
    const hostile = map(1000, 100_000);
    for (let i = 0; i < 5000; i++) {
      hostile.set(`key ${i % 700}`, 'x'.repeat((i * 7919) % 20_000));
      assert.ok(hostile.state().bytes <= 100_000);
    }
    const { bytes, entries, evicted } = hostile.state();
    assert.ok(bytes > 50_000 && entries > 0 && evicted > 4000);
    assert.ok(hostile.get('key 99')?.length === (4999 * 7919) % 20_000);
    assert.equal(hostile.get('key 100'), undefined);
  });

  it('keep to their entries', () => {
    const small = map(3, 1 << 20);
    for (const key of ['a', 'b', 'c', 'a', 'd']) small.set(key, key);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => small.get(key)),
      ['a', undefined, 'c', 'd'],
    );
    assert.equal(small.state().evicted, 1);
  });

  it('do not keep what is larger than all the room, and are empty then', () => {
    const small = map(3, 1000);
    small.set('a', 'a');
    assert.equal(small.set('b', 'x'.repeat(2000)).length, 2000);
    assert.equal(small.get('b'), undefined);
    small.delete('a');
    assert.deepEqual(small.state(), {
      ...{ name: 'test', entries: 0, bytes: 0, max_bytes: 1000, evicted: 2 },
    });
  });

  it('are told of by name, the youngest of each', () => {
    const one = map(3, 1000);
    one.set('a', 'a');
    assert.deepEqual(
      boundedMaps().filter(({ name }) => name === 'test'),
      [one.state()],
    );
  });
});

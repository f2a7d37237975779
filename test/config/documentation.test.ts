import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ACTION_NAMES } from '../../src/config/schema/names.ts';
import { configSchema } from '../../src/config/schema.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

/** Every key of the schema, without the names of its holders. */
function keysOf(node: Node): string[] {
  return [
    ...Object.entries(node.properties ?? {}).flatMap(([key, value]) => [key, ...keysOf(value)]),
    ...(node.items === undefined ? [] : keysOf(node.items)),
  ];
}

describe('docs/configuration.md', () => {
  const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

  it('has every key that a document may hold', () => {
    const keys = keysOf(z.toJSONSchema(configSchema, { io: 'input' }) as Node);
    assert.ok(keys.length > 40, `only ${keys.length} keys found`);
    const holders = new Set([
      'collect',
      'only',
      'store',
      'results',
      'logger',
      'rotate',
      'scheduler',
      'debounce',
      'sensor',
      'repeats',
      'rate_limit',
      'control',
      'limits',
    ]);
    const missing = keys.filter((key) => !holders.has(key) && !text.includes(`${key}\``));
    assert.deepEqual(missing, []);
  });

  it('has every action', () => {
    assert.deepEqual(
      ACTION_NAMES.filter((action) => !text.includes(action)),
      [],
    );
  });
});

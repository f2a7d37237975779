import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { EVENT_TABLES } from '../../src/tables/events/index.ts';
import { findStateTables } from '../../src/tables/find-state-tables.ts';
import { LEFT_OUT } from '../../src/tables/left-out.ts';

const file = new URL('../fixtures/osquery-schema.json', import.meta.url);
const { tables } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly tables: readonly { readonly name: string }[];
};
const theirs = new Set(tables.map(({ name }) => name));
const ours = new Set([...EVENT_TABLES, ...findStateTables()].map(({ name }) => name));
const named = LEFT_OUT.flatMap((entry) => entry.tables);

describe('tables: left out', () => {
  it('names tables that osquery has and weir has not, once each', () => {
    assert.deepEqual(named, [...new Set(named)]);
    for (const name of named) {
      assert.ok(theirs.has(name), `osquery has no table ${name}`);
      assert.ok(!ours.has(name), `${name} is there`);
    }
  });
});

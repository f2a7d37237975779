import assert from 'node:assert/strict';
import { findStateTables } from '../../../src/tables/find-state-tables.ts';
import { openTables, type TableSet } from '../../helpers/tables.ts';

describe('tables: all of them on this host', () => {
  let set: TableSet;

  before(() => {
    set = openTables(findStateTables());
  });
  after(() => set.close());

  for (const table of findStateTables()) {
    const columns = Object.entries(table.columns);
    const required = columns.filter(([, column]) => column.required);

    it(`${table.name}: every column, and its examples`, () => {
      const all = columns.map(([name]) => `"${name}"`).join(', ');
      const select = `SELECT ${all} FROM ${table.name}`;
      if (required.length === 0) {
        const rows = set.all(select);
        for (const row of rows) assert.equal(Object.keys(row).length, columns.length);
      } else {
        const names = new RegExp(required.map(([name]) => name).join(' or '));
        assert.throws(() => set.all(select), names);
      }
      assert.ok(table.examples.length > 0, 'it has an example');
      for (const sql of table.examples) set.all(sql);
    });
  }
});

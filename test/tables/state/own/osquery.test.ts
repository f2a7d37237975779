import assert from 'node:assert/strict';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe("tables: weir in osquery's words", () => {
  let set: TableSet;

  before(() => {
    set = openTables(findStateTables());
  });
  after(() => set.close());

  it('osquery_info: this process on this machine', () => {
    const sql = `SELECT pid, osquery_info.uuid = system_info.uuid AS same, start_time, instance_id
      FROM osquery_info, system_info`;
    const [row] = set.all(sql);
    assert.equal(row?.pid, process.pid);
    assert.equal(row?.same, 1);
    const age = Date.now() / 1000 - Number(row?.start_time);
    assert.ok(Math.abs(age - process.uptime()) < 5, `${age} seconds`);
    assert.match(String(row?.instance_id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(set.all(sql)[0]?.instance_id, row?.instance_id);
  });

  it('osquery_info: discovery queries that ask for a version find it', () => {
    const sql = "SELECT 1 AS there FROM osquery_info WHERE version >= '5.10.2'";
    assert.deepEqual(set.all(sql), [{ there: 1 }]);
  });

  it('osquery_registry names tables of every kind', () => {
    for (const name of ['process_events', 'processes', 'osquery_registry', 'weir_loss']) {
      const sql = "SELECT internal FROM osquery_registry WHERE registry = 'table' AND name = ?";
      assert.deepEqual(set.all(sql, name), [{ internal: name === 'weir_loss' ? 1 : 0 }], name);
    }
  });
});

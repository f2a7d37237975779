import assert from 'node:assert/strict';
import { EVENT_TABLES } from '../../src/tables/events/index.ts';
import { STATUS_TABLES } from '../../src/tables/status.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WeirDaemon } from '../helpers/weir-daemon.ts';

describe('live: tables as documented', () => {
  let daemon: WeirDaemon;
  let state: string;

  before(async () => {
    state = makeScratch();
    daemon = await WeirDaemon.start(state);
  });
  after(async () => {
    await daemon?.stop();
    removeScratch(state);
  });

  for (const table of STATUS_TABLES) {
    it(`${table.name} has the documented columns`, async () => {
      const rows = await daemon.query(`SELECT name, type FROM pragma_table_info('${table.name}')`);
      assert.deepEqual(
        rows.map((row) => [row.name, row.type]),
        table.columns.map(([name, type]) => [name, type]),
      );
    });
  }

  for (const table of EVENT_TABLES) {
    it(`${table.name}: SELECT * shows the columns that are not hidden`, async () => {
      const rows = await daemon.query(`SELECT name FROM pragma_table_info('${table.name}')`);
      assert.deepEqual(
        rows.map((row) => row.name),
        table.columns.filter((column) => !column.hidden).map((column) => column.name),
      );
    });

    for (const sql of table.examples) {
      it(`runs its example: ${sql}`, async () => {
        assert.ok(Array.isArray(await daemon.query(sql)));
      });
    }
  }

  it('weir_coverage says that every class is watched', async () => {
    const rows = await daemon.query('SELECT class FROM weir_coverage WHERE until IS NULL');
    const watched = new Set(rows.map((row) => row.class));
    for (const name of ['process', 'lifecycle', 'socket', 'file']) {
      assert.ok(watched.has(name), name);
    }
  });
});

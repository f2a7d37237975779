import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables, listStateTables } from '../../../src/tables/find-state-tables.ts';
import { stateTables, TABLE_LIST } from '../../../src/tables/state/index.ts';

/** Files of tables that a Node of its own has loaded when the script ends. */
function loadedBy(script: string): string[] {
  const code = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    ${script}
    console.log(JSON.stringify(loaded));`;
  const cwd = join(import.meta.dirname, '../../..');
  const args = ['--input-type=module', '-e', code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  assert.equal(stderr, '');
  return (JSON.parse(stdout) as string[])
    .filter((url) => url.includes('/src/tables/state/'))
    .map((url) => url.replace(/.*\/src\/tables\/state\//, ''));
}

describe('tables: the list of the build', () => {
  it('says what the sources say', () => {
    const list: unknown = JSON.parse(readFileSync(TABLE_LIST, 'utf8'));
    assert.deepEqual(list, JSON.parse(JSON.stringify(listStateTables())));
  });

  it('leads to the tables', () => {
    const tables = stateTables().map((entry) => entry.load());
    assert.deepEqual(
      tables.map(({ name }) => name),
      findStateTables().map(({ name }) => name),
    );
  });

  it('loads the code of what a query reads, and of nothing else', () => {
    const open = `
      const { openConnection, NO_STORE } = await import('./src/sql/connection.ts');
      const { db } = openConnection(NO_STORE);`;
    assert.deepEqual(loadedBy(open), ['index.ts']);
    const loaded = loadedBy(`${open}
      db.prepare('SELECT uptime.days FROM uptime, pragma_table_info(?)').all('users');`);
    assert.deepEqual(loaded.slice(0, 2), ['index.ts', 'system/uptime.ts']);
    assert.equal(loaded.filter((file) => file.startsWith('users/')).length, 0);
  });
});

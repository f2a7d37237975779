import assert from 'node:assert/strict';
import { planQuery } from '../../src/detect/driver.ts';
import { expandViews, viewsOf } from '../../src/detect/views.ts';

const VIEWS = viewsOf({
  shells: "SELECT pid, path FROM process_events WHERE path LIKE '%sh'; ",
  root_shells: 'SELECT s.pid FROM shells AS s -- of anybody',
  a: 'SELECT * FROM b',
  b: 'SELECT * FROM A',
});
const expand = (sql: string): string => expandViews(sql, VIEWS);
const SHELLS = "SELECT pid, path FROM process_events WHERE path LIKE '%sh'";

describe('views', () => {
  it('stand in the query as their SELECT', () => {
    assert.equal(expand('SELECT * FROM shells'), `SELECT * FROM (${SHELLS}\n) AS shells`);
    assert.equal(
      expand('SELECT x.pid FROM Shells x, users'),
      `SELECT x.pid FROM (${SHELLS}\n) x, users`,
    );
  });

  it('may read other views, but not themselves', () => {
    assert.equal(
      expand('SELECT * FROM root_shells'),
      `SELECT * FROM (SELECT s.pid FROM (${SHELLS}\n) AS s -- of anybody\n) AS root_shells`,
    );
    assert.throws(() => expand('SELECT * FROM a'), { code: 'VIEW_CYCLE', message: /a > b > a/ });
  });

  it('are not meant by other names', () => {
    for (const sql of [
      'SELECT shells FROM users',
      "SELECT 'shells'",
      'SELECT * FROM main.shells',
      'WITH shells AS (SELECT 1) SELECT * FROM shells',
    ]) {
      assert.equal(expand(sql), sql);
    }
  });

  it('are planned like the tables in them', () => {
    const plan = planQuery(expand('SELECT * FROM shells'), new Set(['process_events']));
    assert.equal(plan.kind, 'events');
    assert.match(plan.statements[0] ?? '', /FROM new_process_events AS process_events/);
  });
});

import assert from 'node:assert/strict';
import { planQuery } from '../../src/detect/driver.ts';

const TABLES = new Set(['process_events', 'socket_events', 'file_events']);
const plan = (sql: string, driver?: string) => planQuery(sql, TABLES, { driver });

describe('planQuery', () => {
  it('drives a single table and keeps its name', () => {
    const { kind, statements } = plan(
      'SELECT process_events.pid FROM process_events WHERE pid > 1',
    );
    assert.equal(kind, 'events');
    assert.deepEqual(statements, [
      'SELECT process_events.pid FROM new_process_events AS process_events WHERE pid > 1',
    ]);
  });

  it('keeps an alias, with and without AS', () => {
    assert.deepEqual(plan('SELECT p.pid FROM process_events p').statements, [
      'SELECT p.pid FROM new_process_events p',
    ]);
    assert.deepEqual(plan('SELECT p.pid FROM main."process_events" AS "p"').statements, [
      'SELECT p.pid FROM main.new_process_events AS "p"',
    ]);
  });

  it('makes a statement per table of an inner join', () => {
    const sql = 'SELECT 1 FROM socket_events s JOIN process_events USING (exec_id), users';
    assert.deepEqual(plan(sql).statements, [
      'SELECT 1 FROM new_socket_events s JOIN process_events USING (exec_id), users',
      'SELECT 1 FROM old_socket_events s JOIN new_process_events AS process_events USING (exec_id), users',
    ]);
  });

  it('leaves names alone where they are no tables', () => {
    const sql = `SELECT 'FROM process_events', process_events, "x" /* FROM socket_events */
      -- JOIN file_events
      FROM users process_events WHERE a IS NOT DISTINCT FROM socket_events`;
    assert.equal(plan(sql).kind, 'state');
  });

  it('finds tables in subqueries, joins in parentheses and common table expressions', () => {
    for (const [sql, statement] of [
      [
        'SELECT * FROM (SELECT pid FROM process_events)',
        'SELECT * FROM (SELECT pid FROM new_process_events AS process_events)',
      ],
      [
        'SELECT * FROM (users JOIN process_events)',
        'SELECT * FROM (users JOIN new_process_events AS process_events)',
      ],
      [
        'WITH p(a) AS MATERIALIZED (SELECT pid FROM process_events) SELECT * FROM p',
        'WITH p(a) AS MATERIALIZED (SELECT pid FROM new_process_events AS process_events) SELECT * FROM p',
      ],
      [
        'SELECT * FROM users WHERE uid IN (SELECT uid FROM process_events)',
        'SELECT * FROM users WHERE uid IN (SELECT uid FROM new_process_events AS process_events)',
      ],
      ['SELECT * FROM [process_events]', 'SELECT * FROM new_process_events AS process_events'],
      [
        'SELECT * FROM `process_events` INDEXED BY x',
        'SELECT * FROM new_process_events AS process_events INDEXED BY x',
      ],
    ] as const) {
      assert.deepEqual(plan(sql).statements, [statement]);
    }
  });

  it('takes a common table expression for itself, not for the table it is named after', () => {
    const sql = 'WITH process_events AS (SELECT 1 AS pid) SELECT * FROM process_events';
    assert.equal(plan(sql).kind, 'state');
  });

  it('has one driver where a join is not enough, and warns', () => {
    for (const sql of [
      'SELECT 1 FROM process_events p LEFT JOIN socket_events s USING (exec_id)',
      'SELECT count(*) FROM process_events p JOIN socket_events s USING (exec_id)',
      'SELECT 1 FROM process_events p JOIN socket_events s USING (exec_id) GROUP BY p.pid',
      'SELECT DISTINCT p.pid FROM process_events p JOIN socket_events s USING (exec_id)',
      'SELECT 1 FROM process_events p WHERE NOT EXISTS (SELECT 1 FROM socket_events s)',
      'SELECT max(p.pid) FROM process_events p, socket_events s',
      'SELECT 1 FROM process_events p, socket_events s LIMIT 5',
      'WITH a AS (SELECT * FROM process_events) SELECT 1 FROM a JOIN a b JOIN socket_events',
    ]) {
      const { statements, drivers, warnings } = plan(sql);
      assert.deepEqual(
        statements,
        [
          sql
            .replace('FROM process_events', 'FROM new_process_events')
            .replace('new_process_events)', 'new_process_events AS process_events)'),
        ],
        sql,
      );
      assert.equal(drivers.length, 1, sql);
      assert.equal(warnings.length, 1, sql);
    }
  });

  it('takes max of two values for what it is', () => {
    assert.equal(
      plan('SELECT max(p.pid, 2) FROM process_events p, socket_events s').statements.length,
      2,
    );
  });

  it('drives every branch of a union', () => {
    const sql = 'SELECT pid FROM process_events UNION ALL SELECT pid FROM socket_events';
    assert.deepEqual(plan(sql).statements, [
      'SELECT pid FROM new_process_events AS process_events UNION ALL SELECT pid FROM new_socket_events AS socket_events',
    ]);
  });

  it('obeys a named driver, by alias or table', () => {
    const sql = 'SELECT 1 FROM process_events a JOIN process_events b LEFT JOIN socket_events';
    assert.match(plan(sql, 'b').statements[0] ?? '', /process_events a JOIN new_process_events b/);
    assert.match(
      plan(sql, 'socket_events').statements[0] ?? '',
      /JOIN new_socket_events AS socket_/,
    );
    assert.throws(() => plan(sql, 'file_events'), { code: 'DRIVER_UNKNOWN' });
  });

  it('runs a query that bounds time itself as it is', () => {
    for (const where of [
      'time > 5',
      'p.time BETWEEN 1 AND 2',
      '5 < p.eid',
      'p.time > (SELECT unix_time - 5 FROM time)',
    ]) {
      const sql = `SELECT 1 FROM process_events p JOIN socket_events WHERE pid AND ${where}`;
      const { kind, statements } = plan(sql);
      assert.equal(kind, 'history', where);
      assert.deepEqual(statements, [sql]);
    }
  });

  it('takes a comparison of two clocks, or of another table’s, for no bound', () => {
    for (const where of [
      'p.time <= s.time',
      's.time BETWEEN p.time AND p.time + 60',
      'u.time > 5',
    ]) {
      const sql = `SELECT p.time FROM process_events p, socket_events s, logins u WHERE ${where} ORDER BY p.time`;
      assert.equal(plan(sql).kind, 'events', where);
    }
  });

  it('survives unfinished SQL', () => {
    for (const sql of [
      '',
      "SELECT 'x",
      'SELECT * FROM',
      'FROM (',
      ')))',
      'SELECT "',
      '/*',
      'FROM a.',
    ]) {
      assert.doesNotThrow(() => plan(sql), sql);
    }
  });
});

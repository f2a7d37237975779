import assert from 'node:assert/strict';
import { planQuery } from '../../../src/detect/driver.ts';
import { whyNotStreaming } from '../../../src/detect/streaming/why-not.ts';

const TABLES = new Set(['process_events', 'socket_events', 'file_events']);

function reason(sql: string, driver?: string): string | null {
  return whyNotStreaming(planQuery(sql, TABLES, { mode: 'streaming', driver }), false);
}

describe('whyNotStreaming', () => {
  const can: readonly (readonly [sql: string, driver?: string])[] = [
    ["SELECT * FROM process_events WHERE path LIKE '/tmp/%'"],
    ['SELECT * FROM socket_events s JOIN process_events p USING (exec_id) WHERE s.uid = 0'],
    ['SELECT * FROM process_events p LEFT JOIN users u ON u.uid = p.uid'],
    ['SELECT * FROM process_events WHERE time > 1'],
    ['SELECT path FROM process_events UNION ALL SELECT path FROM socket_events'],
    [
      `SELECT * FROM socket_events s WHERE (SELECT count(*) FROM socket_events f
       WHERE f.process_id = s.process_id AND f.status = 'failed' AND f.ntime <= s.ntime) >= 5`,
    ],
    [
      `SELECT * FROM process_events p WHERE NOT EXISTS (SELECT 1 FROM process_events e
       WHERE e.path = p.path AND e.seq < p.seq)`,
    ],
    [
      'WITH s AS (SELECT * FROM process_events WHERE uid = 0) SELECT * FROM s JOIN users USING (uid)',
    ],
    ['SELECT * FROM users u, process_events p WHERE u.uid = p.uid'],
    ['SELECT max(a, b) FROM process_events', 'process_events'],
    ['SELECT * FROM process_events WHERE a IS DISTINCT FROM b'],
  ];
  for (const [sql, driver] of can) {
    it(`takes ${sql.replaceAll(/\s+/g, ' ')}`, () => assert.equal(reason(sql, driver), null));
  }

  const cannot: readonly (readonly [sql: string, why: RegExp, driver?: string])[] = [
    ['SELECT * FROM users', /reads none/],
    ['SELECT count(*) FROM process_events', /count\(\) would count only the rows of one batch/],
    ['SELECT path FROM process_events GROUP BY path', /GROUP BY would group/],
    ['SELECT DISTINCT path FROM process_events', /DISTINCT/],
    ['SELECT path FROM process_events LIMIT 1', /LIMIT/],
    ['SELECT path FROM process_events UNION SELECT path FROM socket_events', /UNION ALL does not/],
    ['SELECT path FROM process_events UNION ALL SELECT 1', /every batch/],
    ['SELECT path FROM process_events EXCEPT SELECT path FROM socket_events', /EXCEPT/],
    ['SELECT * FROM users LEFT JOIN process_events p USING (uid)', /put process_events p first/],
    ['SELECT * FROM process_events p FULL JOIN users USING (uid)', /FULL JOIN/],
    [
      'SELECT * FROM users WHERE uid IN (SELECT uid FROM process_events)',
      /subquery of an expression/,
    ],
    ['SELECT * FROM (SELECT count(*) FROM process_events)', /count\(\)/],
    ['SELECT row_number() OVER (ORDER BY pid) FROM process_events', /window function/],
    [
      'WITH s AS (SELECT * FROM process_events) SELECT * FROM s a JOIN s b USING (pid)',
      /read more than once/,
    ],
    ['WITH s AS (SELECT * FROM process_events) SELECT count(*) FROM s', /count\(\)/],
    ['SELECT * FROM users WHERE EXISTS (SELECT 1 FROM socket_events s)', /subquery/, 's'],
  ];
  for (const [sql, why, driver] of cannot) {
    it(`refuses ${sql}`, () => assert.match(reason(sql, driver) ?? '', why));
  }

  it('refuses snapshots', () => {
    const plan = planQuery('SELECT * FROM process_events', TABLES, { mode: 'streaming' });
    assert.match(whyNotStreaming(plan, true) ?? '', /snapshot/);
  });
});

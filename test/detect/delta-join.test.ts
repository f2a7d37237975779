import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { planQuery } from '../../src/detect/driver.ts';

const TABLES = ['a_events', 'b_events'] as const;

/** Event tables as plain ones, and views that stand for their windowed faces. */
function openHistory(): Database.Database {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE win (after INTEGER, upto INTEGER); INSERT INTO win VALUES (0, 0)');
  for (const table of TABLES) {
    db.exec(`
      CREATE TABLE all_${table} (seq INTEGER PRIMARY KEY, k INTEGER);
      CREATE VIEW ${table} AS SELECT * FROM all_${table}, win WHERE seq <= upto;
      CREATE VIEW new_${table} AS SELECT * FROM all_${table}, win WHERE seq > after AND seq <= upto;
      CREATE VIEW old_${table} AS SELECT * FROM all_${table}, win WHERE seq <= after;`);
  }
  return db;
}

const QUERIES = [
  'SELECT a.seq, b.seq FROM a_events a JOIN b_events b ON a.k = b.k',
  'SELECT x.seq, y.seq FROM a_events x, a_events y WHERE x.k = y.k AND x.seq < y.seq',
  'SELECT a_events.seq, b.seq, c.seq FROM a_events JOIN b_events b USING (k) JOIN a_events c USING (k)',
  'SELECT s.seq, b.seq FROM (SELECT seq, k FROM a_events WHERE k > 0) s CROSS JOIN b_events b WHERE b.k = s.k',
  'WITH s(b, k) AS (SELECT seq, k FROM b_events) SELECT a.seq, b FROM s JOIN a_events a USING (k)',
  'SELECT seq, k FROM a_events WHERE k IN (1, 2)',
];

const history = fc.array(
  fc.record({ table: fc.constantFrom(...TABLES), k: fc.integer({ min: 0, max: 3 }) }),
  { maxLength: 25 },
);

describe('delta statements', () => {
  for (const sql of QUERIES) {
    it(`deliver each combination once: ${sql}`, () => {
      const { statements, kind } = planQuery(sql, new Set(TABLES));
      assert.equal(kind, 'events');
      fc.assert(
        fc.property(history, fc.array(fc.nat({ max: 8 }), { maxLength: 10 }), (events, ticks) => {
          const db = openHistory();
          for (const [i, { table, k }] of events.entries()) {
            db.prepare(`INSERT INTO all_${table} VALUES (?, ?)`).run(i + 1, k);
          }
          const found: string[] = [];
          let after = 0;
          for (const step of [...ticks, events.length]) {
            const upto = Math.min(events.length, after + step);
            db.prepare('UPDATE win SET after = ?, upto = ?').run(after, upto);
            for (const statement of statements) {
              for (const row of db.prepare(statement).raw().all()) found.push(JSON.stringify(row));
            }
            after = upto;
          }
          db.prepare('UPDATE win SET after = 0, upto = ?').run(events.length);
          const whole = db
            .prepare(sql)
            .raw()
            .all()
            .map((row) => JSON.stringify(row));
          db.close();
          assert.deepEqual(found.sort(), whole.sort());
        }),
        { numRuns: 60 },
      );
    });
  }
});

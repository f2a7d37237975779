import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import { parseJsonc } from '../../../src/config/jsonc.ts';
import { planQuery } from '../../../src/detect/driver.ts';
import { packSchema } from '../../../src/detect/pack-schema.ts';
import { openConnection } from '../../../src/sql/connection.ts';
import { EVENT_TABLES } from '../../../src/tables/events/index.ts';
import { StoreFixture } from '../../store/fixture.ts';

const PACKS = fileURLToPath(new URL('../../../queries/', import.meta.url));
const TABLES = new Set(EVENT_TABLES.map((table) => table.name));

interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** A walk over history for each batch makes a rule a hundred times as dear as it has to be. */
describe('plans of the shipped rules', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  before(() => {
    fixture = new StoreFixture();
    db = openConnection(fixture.path).db;
  });
  after(async () => {
    db.close();
    await fixture.dispose();
  });

  /** What the statement's outermost loop goes over; of a compound, one for each SELECT. */
  function outermost(sql: string): string[] {
    const steps = db.prepare<[], Step>(`EXPLAIN QUERY PLAN ${sql}`).all();
    const above = new Map(steps.map((step) => [step.id, step]));
    const inExpression = (step: Step | undefined): boolean =>
      step !== undefined &&
      (/SUBQUERY|MULTI-INDEX/.test(step.detail) || inExpression(above.get(step.parent)));
    const first = new Map<number, string>();
    for (const step of steps) {
      if (!step.detail.startsWith('SCAN ') || inExpression(step)) continue;
      if (!first.has(step.parent)) first.set(step.parent, step.detail);
    }
    return [...first.values()];
  }

  for (const name of readdirSync(PACKS)) {
    it(`${name}: joins begin with the new rows`, () => {
      const pack = packSchema.parse(parseJsonc(readFileSync(`${PACKS}${name}`)).value);
      for (const [rule, { query, mode, driver }] of Object.entries(pack.queries)) {
        if (mode !== 'streaming') continue;
        for (const sql of planQuery(query, TABLES, { mode, driver }).statements) {
          const aliases = [...sql.matchAll(/\bnew_\w+ AS (\w+)/g)].map(([, alias]) => alias);
          assert.ok(aliases.length > 0, sql);
          const loops = outermost(sql);
          assert.ok(loops.length > 0, sql);
          for (const loop of loops) {
            assert.ok(
              aliases.some((alias) => loop.startsWith(`SCAN ${alias} `)),
              `${rule} begins with ${loop}: ${sql}`,
            );
          }
        }
      }
    });
  }
});

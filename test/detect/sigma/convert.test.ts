import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { planQuery } from '../../../src/detect/driver.ts';
import { convert } from '../../../src/detect/sigma/convert.ts';
import { readDocument } from '../../../src/detect/sigma/rule.ts';
import { openSqlChecker } from '../../../src/detect/sql-check.ts';
import { openConnection } from '../../../src/sql/connection.ts';
import { EVENT_TABLES } from '../../../src/tables/events/index.ts';
import { SievedEngine } from '../../helpers/sieved-engine.ts';
import { type Row, StoreFixture } from '../../store/fixture.ts';
import { type Event, matches } from './reference.ts';

const NONE = (): never => {
  throw new Error('no correlation');
};
const TABLES = new Set(EVENT_TABLES.map((table) => table.name));
const LETTERS = ['a', 'A', 'b', '%', '_', '*', '?', '\\', '[', ']', "'", '-', '/', ' ', 'é', '\n'];
const shortText = fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 6 });
const FIELDS = ['CommandLine', 'Image', 'ParentImage', 'CurrentDirectory'] as const;
const COLUMNS = {
  CommandLine: 'cmdline',
  Image: 'path',
  ParentImage: 'parent_path',
  CurrentDirectory: 'cwd',
} as const;
const NUMBER = 'ProcessId';

const field = fc.constantFrom(...FIELDS);
const NETWORKS = ['10.0.0.0/8', '192.0.2.0/25', '::/0', '0.0.0.0/0', 'fc00::/7', '2001:db8::/33'];
const combine = fc.constantFrom('', '|all');
const manyOf = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 4 }));
const entryOf = (
  modifiers: fc.Arbitrary<string>,
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<[string, unknown]> =>
  fc.tuple(field, modifiers, value).map(([name, modifier, v]) => [name + modifier, v]);

const plain = shortText.map((text) => text.replaceAll(/[*?\\]/g, 'b'));
const entry = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '|contains', '|startswith', '|endswith', '|windash|contains', '|cased'),
        combine,
      )
      .chain(([modifier, all]) =>
        entryOf(
          fc.constant(modifier + (modifier === '|cased' ? '|contains' : '') + all),
          manyOf(shortText),
        ),
      ),
  },
  entryOf(fc.constantFrom('', '|cased'), manyOf(fc.oneof(shortText, fc.constant(null)))).filter(
    ([key, value]) => !key.includes('cased') || ![value].flat().includes(null),
  ),
  entryOf(
    fc.constantFrom('|base64', '|wide|base64|contains', '|utf16|base64', '|base64|startswith'),
    plain,
  ),
  entryOf(
    fc.constantFrom(
      '|base64offset|contains',
      '|wide|base64offset|contains',
      '|utf16be|base64offset|contains',
    ),
    plain.filter((text) => Buffer.byteLength(text) >= 2),
  ),
  entryOf(
    fc.constantFrom('|re', '|re|i', '|re|s', '|re|m', '|re|i|m'),
    fc.constantFrom('^a.b', 'A+', '[ab]$', '^b', '\\\\'),
  ),
  entryOf(fc.constant('|cidr'), manyOf(fc.constantFrom(...NETWORKS))),
  entryOf(fc.constant('|exists'), fc.boolean()),
  entryOf(
    fc.constantFrom(
      '|fieldref',
      '|fieldref|contains',
      '|fieldref|startswith',
      '|fieldref|endswith',
      '|cased|fieldref',
    ),
    field,
  ),
  fc
    .tuple(fc.constantFrom('', '|lt', '|lte', '|gt', '|gte'), fc.integer({ min: 0, max: 12 }))
    .map(([modifier, value]): [string, unknown] => [NUMBER + modifier, value]),
);
const map = fc.array(entry, { minLength: 1, maxLength: 3 }).map(Object.fromEntries);
const word = shortText.filter((text) => text !== '');
const selection = fc.oneof(
  { weight: 4, arbitrary: map },
  fc.array(fc.oneof(map, word), { minLength: 1, maxLength: 3 }),
  fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => ({ '|all': words })),
);
const NAMES = ['sel_a', 'sel_b', '_hidden', 'filter'];
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...NAMES, '1 of them', 'all of sel_*', 'any of *e*', 'all of them'),
    tie('condition').map((c) => `not ${c.includes(' ') ? `(${c})` : c}`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `${a} and ${b}`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `${a} or ${b}`),
    tie('condition').map((c) => `(${c})`),
  ),
}));
const detection = fc.tuple(fc.tuple(selection, selection, selection, selection), condition).map(
  ([selections, text]): Record<string, unknown> => ({
    ...Object.fromEntries(NAMES.map((name, i) => [name, selections[i]])),
    condition: text,
  }),
);

const encodedText = fc
  .tuple(shortText, fc.constantFrom('utf8', 'utf16le'))
  .map(([text, encoding]) => Buffer.from(text, encoding as 'utf8').toString('base64'));
/** At the edges of the networks, and what only looks like an address. */
const ADDRESSES = [
  ...['10.0.0.0', '10.255.255.255', '11.0.0.0', '192.0.2.127', '192.0.2.128', '010.0.0.1'],
  ...['fc00::1', 'fe00::', '2001:db8:7fff::', '2001:db8:8000::', '::1', '10.0.0.1 ', '10.0.0'],
];
const eventText = fc.oneof(
  { weight: 6, arbitrary: shortText },
  { weight: 2, arbitrary: encodedText },
  { weight: 2, arbitrary: fc.constant(null) },
  fc.constantFrom(...ADDRESSES),
);
const event: fc.Arbitrary<Event> = fc.record({
  CommandLine: eventText,
  Image: eventText,
  ParentImage: eventText,
  CurrentDirectory: eventText,
  ProcessId: fc.integer({ min: 0, max: 12 }),
});

describe('Sigma conversion', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  let events: readonly Event[];
  const checker = openSqlChecker();

  before(() => {
    fixture = new StoreFixture();
    events = fc.sample(event, { numRuns: 300, seed: 7 });
    fixture.append(
      'process',
      events.map((one, i): Row => {
        const texts = FIELDS.map((name) => [COLUMNS[name], one[name]]);
        return {
          ...Object.fromEntries(texts),
          ...{ pid: one.ProcessId, auid: i, boot_id: 'b', time_ns: 1_800_000_000_000_000_000n },
        } as Row;
      }),
    );
    db = fixture.reader();
  });

  after(async () => {
    checker.close();
    await fixture.dispose();
  });

  const sqlOf = (rule: Record<string, unknown>): string =>
    convert(
      readDocument({ title: 't', logsource: { category: 'process_creation' }, detection: rule }),
      NONE,
      checker.regex,
    ).query;

  it('finds in the store what the reference evaluator finds, for random rules and events', () => {
    // As the store shows them: it may show what is absent as empty text or as NULL.
    const shown = db
      .prepare<
        [],
        Event & { auid: number; username: string | null; parent_cmdline: string | null }
      >(
        `SELECT auid, cmdline AS CommandLine, path AS Image, parent_path AS ParentImage,
           cwd AS CurrentDirectory, pid AS ProcessId, username, parent_cmdline FROM process_events`,
      )
      .all();
    assert.equal(shown.length, events.length);
    let found = 0;
    fc.assert(
      fc.property(detection, (rule) => {
        const expected = shown
          .filter((one) => {
            const texts = [...FIELDS.map((name) => one[name] ?? null)];
            return matches(rule, {
              event: one,
              texts: [...texts, one.username, one.parent_cmdline],
            });
          })
          .map(({ auid }) => auid);
        const got = db
          .prepare<[], { auid: number }>(sqlOf(rule))
          .all()
          .map(({ auid }) => auid);
        found += got.length;
        assert.deepEqual(
          got.sort((a, b) => a - b),
          expected,
        );
      }),
      { numRuns: 400 },
    );
    assert.ok(found > 1000, `only ${found} rows were found`);
  });

  it('finds the same as streaming rules, batch by batch with the literals that they require', () => {
    const rules = fc.sample(detection, { numRuns: 100, seed: 3 }).map((rule, i) => {
      const sql = sqlOf(rule);
      const { statements } = planQuery(sql, TABLES, { mode: 'streaming' });
      return { name: `r${i}`, sql, statements, position: 0n };
    });
    const connection = openConnection(fixture.path);
    try {
      const limits = { numerics: false, timeoutMs: 0, maxRows: 1000 };
      const engine = new SievedEngine(connection, { path: fixture.path, rules, ...limits });
      const found = new Map<string, number>();
      const { outcomes, caughtUp } = engine.pass(fixture.store.highWater());
      assert.ok(caughtUp);
      for (const { rule, rows, error } of outcomes) {
        const { name } = rules[rule] as (typeof rules)[number];
        assert.equal(error, '');
        found.set(name, (found.get(name) ?? 0) + rows.length);
      }
      for (const { name, sql } of rules) {
        assert.equal(found.get(name) ?? 0, db.prepare(sql).all().length, sql);
      }
    } finally {
      connection.db.close();
    }
  });
});

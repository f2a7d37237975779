import assert from 'node:assert/strict';
import { isMet, LiteralTable, type Need } from '../../../src/detect/streaming/need.ts';
import { newRowsOf } from '../../../src/detect/streaming/required-literals.ts';
import type { Literal } from '../../../src/native/rules.ts';
import { EVENT_TABLES } from '../../../src/tables/events/index.ts';

const TABLES = new Map(EVENT_TABLES.map((table) => [table.name, table]));

/** The need of the first driver, with texts for ids: ^ what begins a value, $ what ends it. */
function needOf(sql: string): unknown {
  const literals = new LiteralTable();
  const [first] = newRowsOf(sql, TABLES, literals);
  const spell = (need: Need): unknown => {
    if (need === true) return true;
    if (typeof need === 'number') {
      const literal = literals.literals[need] as Literal;
      if ('number' in literal) return literal.number;
      const { text, atStart, atEnd } = literal;
      return `${atStart ? '^' : ''}${text}${atEnd ? '$' : ''}`;
    }
    return 'all' in need ? { all: need.all.map(spell) } : { any: need.any.map(spell) };
  };
  return first === undefined ? undefined : spell(first.need);
}

const where = (condition: string): unknown =>
  needOf(`SELECT pid FROM new_process_events AS process_events WHERE ${condition}`);

describe('required literals', () => {
  const cases: readonly [condition: string, need: unknown][] = [
    ["path = '/bin/sh'", '^/bin/sh$'],
    ["'/bin/sh' = path", '^/bin/sh$'],
    ["path LIKE '%/BASH'", '/bash$'],
    ["path LIKE '/BIN/BASH'", '^/bin/bash$'],
    ["path GLOB '/bin/*sh'", { all: ['^/bin/', 'sh$'] }],
    ["path GLOB '/bin/sh?'", '^/bin/sh'],
    ["path GLOB '[/]bin/sh'", 'bin/sh$'],
    ["path LIKE '/tmp/%.s_' AND uid = 0", { all: [{ all: ['^/tmp/', '.s'] }, 0] }],
    ["cmdline GLOB '*-e [a-z]*x1*'", { all: ['-e ', 'x1'] }],
    ["path IN ('a1', 'b1') OR cmdline LIKE '%c1%'", { any: [{ any: ['^a1$', '^b1$'] }, 'c1'] }],
    [
      "(path LIKE '%a1%' OR path LIKE '%b1%') AND cmdline LIKE '%c1%'",
      { all: [{ any: ['a1', 'b1'] }, 'c1'] },
    ],
    ["path LIKE '%a1%' OR uid = 0", { any: ['a1', 0] }],
    ["path LIKE '%a1%' OR uid < 1", true],
    ['4444 = pid', 4444],
    ['pid IS 4444', 4444],
    ['pid IN (1, 22)', { any: [1, 22] }],
    ['pid IN (1, -22)', true],
    ['pid = 4444 + 1', true],
    ['pid = 0x10', true],
    ['pid = 1.0', true],
    ['pid = 99999999999999999999', true],
    ['pid NOT IN (1, 22)', true],
    ['time = 5', true],
    ['path = 5', true],
    ["NOT path LIKE '%a1%'", true],
    ["path NOT LIKE '%a1%'", true],
    ["path <> 'a1'", true],
    ["path IS NOT 'a1'", true],
    ["path = 'a1' COLLATE NOCASE", 'a1'],
    ["path = 'a1' COLLATE RTRIM", 'a1'],
    ["lower(path) = 'a1'", '^a1$'],
    ["trim(path) = 'a1'", 'a1'],
    ["lower(trim(path)) LIKE 'a1%'", 'a1'],
    ["path = cmdline || 'a1'", true],
    ["path = 'a1' || cmdline", true],
    ["path LIKE '%50!%%' ESCAPE '!'", '50%'],
    ["path LIKE '%'", true],
    ["path LIKE '%x%'", true],
    ["pid BETWEEN 1 AND 2 AND path = 'a1'", '^a1$'],
    ["CASE WHEN path = 'a1' THEN 1 ELSE 0 END OR path = 'b1'", true],
    ["pid IN (SELECT pid FROM processes WHERE name = 'a1') AND path = 'b1'", '^b1$'],
    ["EXISTS (SELECT 1 FROM socket_events WHERE path = 'a1')", true],
    ["path = 'it''s'", "^it's$"],
    ["nosuch = 'a1'", true],
    ["path = x'6131'", true],
  ];
  for (const [condition, need] of cases) {
    it(condition, () => assert.deepEqual(where(condition), need));
  }

  it('knows whose column it is in a join', () => {
    const join = 'FROM new_socket_events AS s JOIN process_events p USING (exec_id) WHERE';
    assert.deepEqual(needOf(`SELECT 1 ${join} s.path LIKE '%/nc'`), '/nc$');
    assert.deepEqual(needOf(`SELECT 1 ${join} p.cmdline LIKE '%a1%'`), true);
    assert.deepEqual(needOf(`SELECT 1 ${join} cmdline LIKE '%a1%'`), true);
  });

  it('reads the WHERE of the SELECT that the driver stands in', () => {
    const inner = "(SELECT pid FROM new_process_events AS e WHERE path = 'a1') AS x";
    assert.deepEqual(needOf(`SELECT * FROM ${inner} WHERE x.pid = 'b1'`), '^a1$');
    const union =
      "SELECT 1 FROM new_process_events AS p WHERE path = 'a1' UNION ALL SELECT 2 WHERE 'b1' = 1";
    assert.deepEqual(needOf(union), '^a1$');
  });

  it('translates words that the table shows for stored ones', () => {
    const of = (condition: string): unknown =>
      needOf(`SELECT 1 FROM new_file_events AS file_events WHERE ${condition}`);
    assert.deepEqual(of("action = 'DELETED'"), {
      any: ['^deleted$', '^unlink$', '^rmdir$', '^rename$'],
    });
    assert.deepEqual(of("target_path LIKE '/etc/%'"), { any: ['^/etc/', '^/etc/'] });
    assert.deepEqual(of("category = ''"), true);
    assert.deepEqual(of("category = 'etc'"), '^etc$');
    assert.deepEqual(of("eid = '1'"), true);
  });

  it('decides by what occurs', () => {
    const need: Need = { all: [{ any: [0, 1] }, 2] };
    assert.equal(isMet(need, Uint8Array.of(0, 1, 1)), true);
    assert.equal(isMet(need, Uint8Array.of(0, 0, 1)), false);
    assert.equal(isMet(need, Uint8Array.of(1, 1, 0)), false);
  });
});

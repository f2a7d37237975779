import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonText, rowEncoder } from '../../src/results/encode-row.ts';
import { calendarTime, type LineOptions, osqueryFormat } from '../../src/results/log-line.ts';
import type { LoggedRows, LoggedRun, RowAction } from '../../src/results/types.ts';

const RUN: LoggedRun = {
  id: 7,
  name: 'q',
  kind: 'differential',
  unixTime: 1_462_228_052,
  epoch: 0,
  counter: 1,
  numerics: false,
  decorations: {},
  rule: null,
};
const HOST = { hostIdentifier: 'h' };

function piece(
  overrides: Partial<LoggedRun>,
  ...rows: (readonly [RowAction, string])[]
): LoggedRows {
  return {
    run: { ...RUN, ...overrides },
    firstIndex: 0,
    rows: rows.map(([action, columns]) => ({ action, columns })),
    last: true,
  };
}

const logLines = (store: string, rows: LoggedRows, options: LineOptions) =>
  osqueryFormat(options).lines(store, rows);

const textsOf = (...args: Parameters<typeof logLines>): string[] =>
  logLines(...args).map((line) => line.text);

describe('log lines', () => {
  it('are osquery’s events, byte for byte', () => {
    const rows = piece(
      { decorations: { k: 'v' } },
      ['removed', '{"pid":"2"}'],
      ['added', '{"pid":"1"}'],
    );
    const head =
      '{"name":"q","hostIdentifier":"h","calendarTime":"Mon May  2 22:27:32 2016 UTC",' +
      '"unixTime":1462228052,"epoch":0,"counter":1,"numerics":false,"decorations":{"k":"v"},';
    assert.deepEqual(textsOf('s', rows, HOST), [
      `${head}"columns":{"pid":"2"},"action":"removed"}`,
      `${head}"columns":{"pid":"1"},"action":"added"}`,
    ]);
  });

  it('are osquery’s batches', () => {
    const rows = piece({}, ['removed', '{}'], ['added', '{}']);
    assert.deepEqual(textsOf('s', rows, { ...HOST, eventLines: false }), [
      '{"diffResults":{"removed":[{}],"added":[{}]},"name":"q","hostIdentifier":"h",' +
        '"calendarTime":"Mon May  2 22:27:32 2016 UTC","unixTime":1462228052,"epoch":0,' +
        '"counter":1,"numerics":false}',
    ]);
  });

  it('are osquery’s snapshots, empty ones too', () => {
    const tail =
      '"action":"snapshot","name":"q","hostIdentifier":"h",' +
      '"calendarTime":"Mon May  2 22:27:32 2016 UTC","unixTime":1462228052,"epoch":0,' +
      '"counter":0,"numerics":false}';
    const snapshot = { kind: 'snapshot', counter: 0 } as const;
    const rows = piece(snapshot, ['snapshot', '{"a":"1"}'], ['snapshot', '{"a":"2"}']);
    assert.deepEqual(textsOf('s', rows, HOST), [`{"snapshot":[{"a":"1"},{"a":"2"}],${tail}`]);
    assert.deepEqual(textsOf('s', piece(snapshot), HOST), [`{"snapshot":[],${tail}`]);
    const lines = textsOf('s', rows, { ...HOST, snapshotEventLines: true });
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /"columns":\{"a":"2"\},"action":"snapshot"\}$/);
  });

  it('put decorations at the top level when asked to', () => {
    const rows = piece({ decorations: { k: 'v' } }, ['added', '{}']);
    const [line] = textsOf('s', rows, { ...HOST, decorationsTopLevel: true });
    assert.match(line ?? '', /"numerics":false,"k":"v","columns"/);
  });

  it('have ids that do not depend on how they were cut', () => {
    const rows = piece({}, ['added', '{"a":"1"}'], ['added', '{"a":"2"}']);
    const whole = logLines('s', rows, HOST).map((line) => line.id);
    const second = { ...rows, firstIndex: 1, rows: rows.rows.slice(1) };
    assert.deepEqual(whole, ['s-7-0', 's-7-1']);
    assert.deepEqual(
      logLines('s', second, HOST).map((line) => line.id),
      ['s-7-1'],
    );
  });

  it('are one line of JSON whatever the host is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const [text] = textsOf('s', piece({ name }, ['added', '{}']), { hostIdentifier: name });
        assert.ok(!/[\n\r]/.test(text ?? ''));
        assert.equal(JSON.parse(text ?? '').name, name.toWellFormed());
      }),
    );
  });
});

describe('calendarTime', () => {
  it('pads days with a space', () => {
    assert.equal(calendarTime(0), 'Thu Jan  1 00:00:00 1970 UTC');
    assert.equal(calendarTime(1_735_689_599), 'Tue Dec 31 23:59:59 2024 UTC');
  });
});

describe('rowEncoder', () => {
  const columns = (...names: string[]) => names.map((name) => ({ name, type: '' }));

  it('sorts columns by name and makes everything text', () => {
    const encode = rowEncoder(columns('b', 'B', '1', 'a'), false);
    assert.equal(
      encode([2n ** 63n - 1n, null, 1.5, 'x']),
      '{"1":"1.5","B":"","a":"x","b":"9223372036854775807"}',
    );
  });

  it('keeps numbers when asked to, exactly', () => {
    const encode = rowEncoder(columns('a', 'b', 'c', 'd'), true);
    assert.equal(
      encode([2n ** 63n - 1n, 2, null, '7']),
      '{"a":9223372036854775807,"b":2.0,"c":"","d":"7"}',
    );
  });

  it('takes the last of two columns with one name', () => {
    assert.equal(rowEncoder(columns('a', 'a'), false)([1n, 2n]), '{"a":"2"}');
  });

  it('is canonical: any values come back, equal rows are equal texts', () => {
    const cell = fc.oneof(fc.string({ unit: 'binary' }), fc.bigInt(), fc.constant(null));
    const table = fc.uniqueArray(fc.tuple(fc.string(), cell), {
      selector: ([name]) => name,
      minLength: 1,
    });
    fc.assert(
      fc.property(table, (cells) => {
        const encode = (list: typeof cells) =>
          rowEncoder(columns(...list.map(([name]) => name)), false)(list.map(([, value]) => value));
        const text = encode(cells);
        assert.equal(text, encode([...cells].reverse()));
        const parsed = new Map(Object.entries(JSON.parse(text)));
        for (const [name, value] of cells) {
          if (name === '__proto__') continue;
          assert.equal(parsed.get(name), (value ?? '').toString().toWellFormed());
        }
      }),
    );
  });
});

describe('jsonText', () => {
  it('escapes as RapidJSON does', () => {
    assert.equal(jsonText('\u001f\u000b\n\t"\\/é\u2028'), '"\\u001F\\u000B\\n\\t\\"\\\\/é\u2028"');
    assert.equal(jsonText('\\u001f'), '"\\\\u001f"');
  });
});

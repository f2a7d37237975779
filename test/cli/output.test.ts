import assert from 'node:assert/strict';
import { MODES, type Mode, type Screen } from '../../src/cli/output/formatter.ts';
import { makeFormatter } from '../../src/cli/output/make-formatter.ts';
import { displayWidth, shortenPaths, terminalWidth } from '../../src/cli/output/width.ts';
import type { SqlValue } from '../../src/sql/types.ts';

const PIPE: Screen = { terminal: false, width: 0 };
const columns = (...names: string[]) => names.map((name) => ({ name, type: '' }));

function format(
  mode: Mode,
  names: readonly string[],
  rows: readonly (readonly SqlValue[])[],
  screen = PIPE,
): string {
  const formatter = makeFormatter(mode, screen);
  return formatter.begin(columns(...names)) + formatter.rows(rows) + formatter.end();
}

const ROWS: readonly (readonly SqlValue[])[] = [
  [1n, 'plain', 2, null],
  [9007199254740993n, 'a "quote", and\nlines', 0.5, Uint8Array.of(0, 255)],
  [-(2n ** 63n), '日本 é \u001b[31m', Number.POSITIVE_INFINITY, ''],
];
const NAMES = ['n', 'text', 'real', 'rest'];

describe('cli: output', () => {
  it('a terminal that says it has no columns has eighty', () => {
    assert.equal(terminalWidth({ columns: 0 }), 80);
    assert.equal(terminalWidth({}), 80);
    assert.equal(terminalWidth({ columns: 132 }), 132);
  });

  it('a line that is too long keeps the names of its files', () => {
    const line = (path: string) => `12:00:00 sh[1] exec ${path} tool --option`;
    const path = '/home/somebody/checkout/build/output/release/usr/local/bin/tool';
    assert.equal(shortenPaths(line(path), 110), line(path));
    const cut = shortenPaths(line(path), 80);
    assert.equal(cut, line('/home…/build/output/release/usr/local/bin/tool'));
    assert.equal(displayWidth(cut), 80);
    // No more of a path is given up than half the line asks for.
    assert.equal(
      shortenPaths(`${line(path)} ${'x'.repeat(200)}`, 80),
      '12:00:00 sh[1] exec /home…/output/release/usr/local/bin/tool tool --option xxxx…',
    );
    for (const hostile of [`/${'漢'.repeat(200)}/a`, `/a/${'b'.repeat(200)}`, '/ /a /b', '//']) {
      assert.ok(displayWidth(shortenPaths(line(hostile), 40)) <= 40);
    }
  });

  it('table: as osqueryi draws it, control characters shown, wide characters counted', () => {
    assert.equal(
      format('table', NAMES, ROWS),
      [
        '+----------------------+-----------------------+------+---------+',
        '| n                    | text                  | real | rest    |',
        '+----------------------+-----------------------+------+---------+',
        '| 1                    | plain                 | 2.0  |         |',
        String.raw`| 9007199254740993     | a "quote", and\nlines | 0.5  | X'00FF' |`,
        String.raw`| -9223372036854775808 | 日本 é \x1b[31m       | Inf  |         |`,
        '+----------------------+-----------------------+------+---------+',
        '',
      ].join('\n'),
    );
  });

  it('json: big integers and infinities are strings, a real keeps its point', () => {
    const text = format('json', NAMES, ROWS);
    assert.equal(text.split('\n')[1], '{"n":1,"text":"plain","real":2.0,"rest":null},');
    assert.deepEqual(JSON.parse(text), [
      { n: 1, text: 'plain', real: 2, rest: null },
      { n: '9007199254740993', text: 'a "quote", and\nlines', real: 0.5, rest: '00FF' },
      { n: '-9223372036854775808', text: '日本 é \u001b[31m', real: 'Inf', rest: '' },
    ]);
  });

  it('json: columns of one name keep their values', () => {
    assert.equal(
      format('json', ['a', 'a', 'a'], [[1n, 2n, 3n]]),
      '[\n{"a":1,"a:1":2,"a:2":3}\n]\n',
    );
  });

  it('csv: RFC 4180', () => {
    assert.equal(
      format(
        'csv',
        ['a', 'b,c'],
        [
          ['x', null],
          ['say "hi"', 'two\r\nlines'],
          [' pad ', 3n],
        ],
      ),
      'a,"b,c"\r\nx,\r\n"say ""hi""","two\r\nlines"\r\n" pad ",3\r\n',
    );
  });

  it('line: names aligned, an empty line between rows', () => {
    assert.equal(
      format(
        'line',
        ['pid', 'path'],
        [
          [1n, '/sbin/init'],
          [2n, 'a\nb'],
        ],
      ),
      ' pid = 1\npath = /sbin/init\n\n pid = 2\npath = a\\nb\n',
    );
  });

  for (const mode of MODES) {
    it(`${mode}: nothing reaches a terminal that it could act on`, () => {
      const hostile = Array.from({ length: 0xa0 }, (_, i) => String.fromCharCode(i)).join('');
      const text = format(mode, ['a\u001b]0;x\u0007'], [[`${hostile}\u202e\u2066\u2028`]], {
        terminal: true,
        width: 0,
      });
      const left = [...text].filter((c) => /[\p{Cc}\p{Zl}\p{Zp}\u202e\u2066]/u.test(c));
      assert.deepEqual([...new Set(left)].sort(), mode === 'csv' ? ['\n', '\r'] : ['\n']);
    });
  }

  it('table: no line is wider than the terminal, and what was cut says so', () => {
    const text = format('table', ['a', 'b', 'c'], [['x'.repeat(300), '漢字'.repeat(50), 'short']], {
      terminal: true,
      width: 60,
    });
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 60, line);
    assert.equal(text.match(/…/g)?.length, 2);
    assert.match(text, /short/);
  });

  it('table: in a pipe nothing is cut', () => {
    assert.match(format('table', ['a'], [['x'.repeat(5000)]]), /x{5000}/);
  });

  it('table: too many columns for a terminal are shown line by line', () => {
    const names = Array.from({ length: 30 }, (_, i) => `column_${i}`);
    const text = format('table', names, [names.map(() => 'v')], { terminal: true, width: 80 });
    assert.match(text, /^ column_0 = v$/m);
  });

  it('empty results: heading, [] or nothing', () => {
    assert.equal(format('table', ['a'], []), '+---+\n| a |\n+---+\n+---+\n');
    assert.equal(format('json', ['a'], []), '[]\n');
    assert.equal(format('csv', ['a'], []), 'a\r\n');
    assert.equal(format('line', ['a'], []), '');
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsoncError, parseJsonc } from '../../src/config/jsonc.ts';

const read = (text: string | Uint8Array): unknown => parseJsonc(text).value;

function failure(text: string | Uint8Array): JsoncError {
  try {
    parseJsonc(text);
  } catch (error) {
    assert.ok(error instanceof JsoncError);
    return error;
  }
  assert.fail('it was read');
}

describe('parseJsonc', () => {
  it('reads comments of every kind outside strings', () => {
    const text = '// one\n{ # two\n "a": 1, /* three\n */ "b": "// # /*" // four\n}\n# five';
    assert.deepEqual(read(text), { a: 1, b: '// # /*' });
  });

  it('joins lines of a string as osquery does, dropping comment lines between', () => {
    assert.deepEqual(read('{"q": "SELECT 1 \\\n  // why\n  # this\n  FROM t"}'), {
      q: 'SELECT 1   FROM t',
    });
    assert.deepEqual(read('{"q": "a\\\r\nb"}'), { q: 'ab' });
  });

  it('skips a byte order mark', () => {
    assert.deepEqual(read('\ufeff{}'), {});
    assert.deepEqual(read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)), {});
  });

  it('agrees with JSON.parse on all JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        fc.pre(!text.includes('"__proto__"'));
        fc.pre(numbersAreExact(value));
        assert.deepEqual(read(text), JSON.parse(text));
      }),
    );
  });

  it('never throws anything but JsoncError', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\/#* \n0-1.etrufalsn') });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          parseJsonc(text);
        } catch (error) {
          assert.ok(error instanceof JsoncError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /line 1, column 1: the document is empty/],
    ['{"a":1,}', /column 8: a comma before }/],
    ['{\n  a: 1}', /line 2, column 3: a key in double quotes/],
    ['{"a" 1}', /a colon was expected/],
    ['[1 2]', /a comma or \] was expected/],
    ['{"a": yes}', /yes is no value: text needs double quotes/],
    ['{"a":12345678901234567890}', /put it in quotes/],
    ['{"a":01}', /not a number/],
    ['{"a":"x\ny"}', /a line break inside a string/],
    ['{"a":"\\q"}', /\\q is no escape/],
    ['"abc', /without its closing quote/],
    ['/* x', /a comment without its end/],
    ['{} {}', /text after the end/],
    ['{"__proto__": 1}', /__proto__ cannot be a key/],
    [`${'['.repeat(33)}${']'.repeat(33)}`, /nested deeper than 32/],
    [`"${'x'.repeat(4 * 1024 * 1024)}"`, /larger than 4 MiB/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.match(failure(text).message, message);
    });
  }

  it('reads 32 levels', () => {
    assert.ok(read(`${'['.repeat(32)}${']'.repeat(32)}`));
  });

  it('says where broken UTF-8 stands', () => {
    const bytes = Buffer.concat([Buffer.from('{\n "a": "'), Buffer.of(0xff), Buffer.from('"}')]);
    assert.match(failure(bytes).message, /line 2, column 8: not UTF-8/);
  });

  it('locates keys and elements, and the nearest holder of what is missing', () => {
    const document = parseJsonc('{\n "a": {\n  "b": [1,\n  {"c": 3}]}}');
    assert.deepEqual(document.locate(['a', 'b', 1, 'c']), { line: 4, column: 4 });
    assert.deepEqual(document.locate(['a', 'zz', 'y']), { line: 2, column: 2 });
    assert.deepEqual(document.locate([]), { line: 1, column: 1 });
  });

  it('tells keys that are set twice', () => {
    const document = parseJsonc('{"a": [{"b": 1, "b": 2}]}');
    assert.deepEqual(document.duplicates, [['a', 0, 'b']]);
    assert.deepEqual(document.value, { a: [{ b: 2 }] });
  });
});

/** Whole numbers above 2^53 are refused, on purpose. */
function numbersAreExact(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(numbersAreExact);
}

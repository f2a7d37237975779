import { isIPv4, isIPv6 } from 'node:net';
import { type Expression, join, type Piece, type Test, type TextRelation } from './expression.ts';
import { quoted, SigmaRefusal } from './refusal.ts';
import { base64Offsets, piecesOf, plainOf, windash } from './value.ts';

/** Ways to write one value that an event is compared with. */
const MOST_FORMS = 625;
/** Bytes; SQLite's LIKE takes 50,000, and everything may have to be escaped. */
const LONGEST_TEXT = 16_384;

const COMPARISONS: Readonly<Record<string, '<' | '<=' | '>' | '>='>> = {
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};
const RELATIONS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith']);
const REGEX_FLAGS: ReadonlySet<string> = new Set(['i', 'm', 's']);
const ENCODINGS: ReadonlySet<string> = new Set(['wide', 'utf16le', 'utf16be', 'utf16']);
const TRANSFORMS: ReadonlySet<string> = new Set([
  ...RELATIONS,
  ...ENCODINGS,
  ...['base64', 'base64offset', 'windash'],
]);
const OTHERS = ['all', 'cased', 'cidr', 'exists', 'fieldref', 're'];
/** Known to Sigma, and why they are not converted. */
const REFUSED: Readonly<Record<string, string>> = {
  expand: 'placeholders have their values in other tools: write the values out',
  minute: 'parts of a time are not compared',
  hour: 'parts of a time are not compared',
  day: 'parts of a time are not compared',
  week: 'parts of a time are not compared',
  month: 'parts of a time are not compared',
  year: 'parts of a time are not compared',
};

/**
 * What one field of a rule asks.
 *
 * @param field null for keywords
 * @param value as YAML has it
 * @throws SigmaRefusal
 */
export function fieldExpression(
  field: string | null,
  modifiers: readonly string[],
  value: unknown,
): Expression {
  for (const modifier of modifiers) checkModifier(modifier, modifiers);
  const values = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new SigmaRefusal('an empty list of values');
  const all = modifiers.includes('all');
  const chain = modifiers.filter((modifier) => modifier !== 'all');
  const parts = values.map((one) => {
    const tests = testsOf(chain, one);
    return join(
      'or',
      tests.map((test): Expression => ({ op: 'test', field, test })),
    );
  });
  if (!chain.includes('exists')) return join(all ? 'and' : 'or', parts);
  if (values.length !== 1 || typeof value !== 'boolean' || all) {
    throw new SigmaRefusal('exists takes true or false');
  }
  const empty = parts[0] as Expression;
  return value ? { op: 'not', of: empty } : empty;
}

function checkModifier(modifier: string, all: readonly string[]): void {
  const refused = REFUSED[modifier];
  if (refused !== undefined) throw new SigmaRefusal(`modifier ${modifier}: ${refused}`);
  if (REGEX_FLAGS.has(modifier) && all.includes('re')) return;
  if (TRANSFORMS.has(modifier) || OTHERS.includes(modifier) || COMPARISONS[modifier] !== undefined)
    return;
  throw new SigmaRefusal(`modifier ${quoted(modifier)} is not known`);
}

/** Any of the tests has to hold. */
function testsOf(chain: readonly string[], value: unknown): Test[] {
  if (chain.includes('re')) return [regexTest(chain, value)];
  for (const single of ['exists', 'cidr', 'lt', 'lte', 'gt', 'gte']) {
    if (!chain.includes(single)) continue;
    if (chain.length > 1) throw new SigmaRefusal(`modifier ${single} stands with ${chain}`);
    return [singleTest(single, value)];
  }
  if (chain.includes('fieldref')) return [fieldTest(chain, value)];
  if (value === null) {
    if (chain.length > 0) throw new SigmaRefusal(`null cannot be compared by ${chain.join('|')}`);
    return [{ kind: 'empty' }];
  }
  if (typeof value === 'number' && chain.length === 0) {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new SigmaRefusal(`${value} is too large to be exact: write it in quotes`);
    }
    return [{ kind: 'number', value }];
  }
  const cased = chain.includes('cased');
  return textForms(chain, scalarText(value)).map((pieces) => ({ kind: 'text', pieces, cased }));
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new SigmaRefusal('a value has a NUL character');
    if (!value.isWellFormed()) throw new SigmaRefusal('a value has half a character (surrogate)');
    if (Buffer.byteLength(value) > LONGEST_TEXT) {
      throw new SigmaRefusal(`a value is longer than ${LONGEST_TEXT} bytes`);
    }
    return value;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new SigmaRefusal(`${quoted(value)} is no text, number, true, false or null`);
}

function regexTest(chain: readonly string[], value: unknown): Test {
  const other = chain.find((modifier) => modifier !== 're' && !REGEX_FLAGS.has(modifier));
  if (other !== undefined) throw new SigmaRefusal(`modifier re stands with ${other}`);
  const flags = chain.filter((modifier) => REGEX_FLAGS.has(modifier)).join('');
  const pattern = scalarText(value);
  return { kind: 'regex', pattern: flags === '' ? pattern : `(?${flags})${pattern}` };
}

function singleTest(modifier: string, value: unknown): Test {
  if (modifier === 'exists') return { kind: 'empty' };
  if (modifier === 'cidr') {
    const block = scalarText(value);
    const [address = '', bits = '', ...more] = block.split('/');
    const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > most || more.length > 0) {
      throw new SigmaRefusal(`${quoted(block)} is no network such as 10.0.0.0/8`);
    }
    return { kind: 'cidr', block };
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new SigmaRefusal(`${modifier} needs a number, not ${quoted(value)}`);
  }
  return { kind: 'compare', operator: COMPARISONS[modifier] as '<', value: number };
}

function fieldTest(chain: readonly string[], value: unknown): Test {
  const rest = chain.filter((modifier) => modifier !== 'fieldref' && modifier !== 'cased');
  const [relation = 'equals', ...more] = rest;
  if (more.length > 0 || (relation !== 'equals' && !RELATIONS.has(relation))) {
    throw new SigmaRefusal(`modifier fieldref stands with ${rest.join('|')}`);
  }
  if (typeof value !== 'string') throw new SigmaRefusal('fieldref needs the name of a field');
  return {
    kind: 'field',
    field: value,
    relation: relation as TextRelation,
    cased: chain.includes('cased'),
  };
}

/** Bytes stand between an encoding and the base64 that makes text of them again. */
type Form = readonly Piece[] | Buffer;

function textForms(chain: readonly string[], text: string): (readonly Piece[])[] {
  let forms: Form[] = [piecesOf(text)];
  for (const modifier of chain) {
    if (modifier === 'cased') continue;
    forms = forms.flatMap((form) => transformed(modifier, form));
  }
  return forms.map((form) => {
    if (!Buffer.isBuffer(form)) return form as readonly Piece[];
    throw new SigmaRefusal('wide and utf16 are only for base64 after them: text here is UTF-8');
  });
}

function transformed(modifier: string, form: Form): Form[] {
  if (ENCODINGS.has(modifier)) return [encoded(modifier, bytesOf(modifier, form))];
  if (modifier === 'base64') return [[{ text: bytesOf(modifier, form).toString('base64') }]];
  if (modifier === 'base64offset') {
    return base64Offsets(bytesOf(modifier, form)).map((text) => [{ text }]);
  }
  if (Buffer.isBuffer(form)) throw new SigmaRefusal(`${modifier} stands between utf16 and base64`);
  const pieces = form as readonly Piece[];
  if (modifier === 'windash') {
    const ways = windash(pieces, MOST_FORMS);
    if (ways === null) throw new SigmaRefusal('windash: more than four dashes in a value');
    return ways;
  }
  const before: Piece[] = modifier === 'startswith' ? [] : ['*'];
  const after: Piece[] = modifier === 'endswith' ? [] : ['*'];
  return [[...before, ...pieces, ...after]];
}

function bytesOf(modifier: string, form: Form): Buffer {
  if (Buffer.isBuffer(form)) return form;
  const plain = plainOf(form as readonly Piece[]);
  if (plain === null) throw new SigmaRefusal(`${modifier} of a value with wildcards`);
  return Buffer.from(plain, 'utf8');
}

function encoded(modifier: string, bytes: Buffer): Buffer {
  const little = Buffer.from(bytes.toString('utf8'), 'utf16le');
  if (modifier === 'wide' || modifier === 'utf16le') return little;
  if (modifier === 'utf16be') return little.swap16();
  return Buffer.concat([Buffer.from([0xff, 0xfe]), little]);
}

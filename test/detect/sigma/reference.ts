/**
 * A small evaluator of Sigma rules, written from the specification: it works on the rule as YAML has
 * it and on one event, value by value, and shares no code with the conversion.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

export type Value = string | number | null;
export type Event = Readonly<Record<string, Value>>;
export interface Fields {
  /** By Sigma's name. */
  readonly event: Event;
  /** Where keywords are looked for. */
  readonly texts: readonly Value[];
}

const ANY = '[\\s\\S]*';

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function matches(detection: Record<string, unknown>, fields: Fields): boolean {
  const { condition, ...selections } = detection;
  const holds = (name: string): boolean => selection(selections[name], fields);
  const names = Object.keys(selections);
  // The tests write conditions so that they become JavaScript word for word.
  const words = (condition as string).match(/[()]|[^\s()]+/g) ?? [];
  const script: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (words[i + 1] === 'of') {
      const pattern = words[i + 2] as string;
      i += 2;
      const chosen = names.filter((name) =>
        pattern === 'them'
          ? !name.startsWith('_')
          : new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name),
      );
      const results = chosen.map(holds);
      script.push(String(word === 'all' ? results.every(Boolean) : results.some(Boolean)));
    } else if (word === 'and') script.push('&&');
    else if (word === 'or') script.push('||');
    else if (word === 'not') script.push('!');
    else if (word === '(' || word === ')') script.push(word);
    else script.push(String(holds(word)));
  }
  return new Function(`return ${script.join(' ')};`)() as boolean;
}

function selection(value: unknown, fields: Fields): boolean {
  if (isMap(value)) {
    return Object.entries(value).every(([key, wanted]) => entry(key, wanted, fields));
  }
  if (Array.isArray(value)) {
    return value.some((item) => (isMap(item) ? selection(item, fields) : keyword(item, fields)));
  }
  return keyword(value, fields);
}

function keyword(wanted: unknown, { texts }: Fields): boolean {
  return texts.some(
    (text) => text !== null && pattern(String(wanted), false, ANY, ANY).test(String(text)),
  );
}

function entry(key: string, wanted: unknown, fields: Fields): boolean {
  const [name = '', ...modifiers] = key.split('|');
  const values = Array.isArray(wanted) ? wanted : [wanted];
  const one = (value: unknown): boolean =>
    name === ''
      ? keyword(value, fields)
      : single(fields.event[name] ?? null, modifiers, value, fields);
  return modifiers.includes('all') ? values.every(one) : values.some(one);
}

function single(
  actual: Value,
  modifiers: readonly string[],
  wanted: unknown,
  { event }: Fields,
): boolean {
  const has = (modifier: string): boolean => modifiers.includes(modifier);
  const missing = actual === null || actual === '';
  if (has('exists')) return wanted === !missing;
  if (wanted === null) return missing;
  if (actual === null) return false;
  const fold = (text: string): string =>
    has('cased') ? text : text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (has('fieldref')) {
    const other = event[wanted as string] ?? null;
    if (other === null) return false;
    const [a, b] = [fold(String(actual)), fold(String(other))];
    if (has('contains')) return a.includes(b);
    if (has('startswith')) return a.startsWith(b);
    if (has('endswith')) return a.endsWith(b);
    return a === b;
  }
  if (has('re')) {
    const flags = ['i', 'm', 's'].filter(has).join('');
    return new RegExp(wanted as string, `u${flags}`).test(String(actual));
  }
  if (has('cidr')) return inNetwork(String(actual), wanted as string);
  if (has('lt')) return Number(actual) < Number(wanted);
  if (has('lte')) return Number(actual) <= Number(wanted);
  if (has('gt')) return Number(actual) > Number(wanted);
  if (has('gte')) return Number(actual) >= Number(wanted);

  let texts = [String(wanted)];
  if (has('windash')) texts = texts.flatMap(dashes);
  if (has('base64')) texts = texts.map((text) => bytes(text, modifiers).toString('base64'));
  if (has('base64offset')) {
    // What a longer text has in it, wherever this one begins: the letters that do not depend on
    // what stands before and behind.
    return [0, 1, 2].some((before) => {
      const raw = bytes(String(wanted), modifiers);
      const bits = { from: before * 8, to: (before + raw.length) * 8 };
      const whole = Buffer.concat([Buffer.alloc(before), raw, Buffer.alloc(3)]).toString('base64');
      const sure = whole.slice(Math.ceil(bits.from / 6), Math.floor(bits.to / 6));
      return fold(String(actual)).includes(fold(sure));
    });
  }
  const before = has('contains') || has('endswith') ? ANY : '';
  const after = has('contains') || has('startswith') ? ANY : '';
  return texts.some((text) => pattern(text, has('cased'), before, after).test(String(actual)));
}

function bytes(text: string, modifiers: readonly string[]): Buffer {
  if (modifiers.includes('utf16be')) return Buffer.from(text, 'utf16le').swap16();
  if (modifiers.includes('utf16')) return Buffer.from(`\ufeff${text}`, 'utf16le');
  const wide = modifiers.includes('wide') || modifiers.includes('utf16le');
  return Buffer.from(text, wide ? 'utf16le' : 'utf8');
}

function dashes(text: string): string[] {
  const at = /\B[-/]\b/.exec(text);
  if (at === null) return [text];
  const before = text.slice(0, at.index);
  // The rest is looked at behind a dash as before, so that word boundaries stay what they were.
  return dashes(text.slice(at.index + 1)).flatMap((rest) =>
    ['-', '/', '–', '—', '―'].map((dash) => before + dash + rest),
  );
}

/** A whole value with Sigma's wildcards; ASCII case does not count unless `cased`. */
function pattern(text: string, cased: boolean, before: string, after: string): RegExp {
  const source = text.replaceAll(/\\([*?\\])|([*?])|([\s\S])/gu, (_, plain, wild, other) => {
    if (wild === '*') return ANY;
    if (wild === '?') return '[\\s\\S]';
    const character = (plain ?? other) as string;
    if (!cased && /[A-Za-z]/.test(character)) {
      return `[${character.toLowerCase()}${character.toUpperCase()}]`;
    }
    return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  });
  return new RegExp(`^${before}${source}${after}$`, 'u');
}

function inNetwork(address: string, block: string): boolean {
  const [network = '', bits] = block.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  if (family === 'ipv4' ? !isIPv4(address) : !isIPv6(address)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}

import type { JsonPath } from './key-path.ts';

const MAX_DEPTH = 32;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

type Fail = (message: string, offset: number) => never;

/** Recursive descent over the text of one document; `parseJsonc` is the door. */
export class JsoncReader {
  /** For every object and array: where its keys or elements begin. */
  readonly offsets = new WeakMap<object, Map<string, number>>();
  readonly duplicates: JsonPath[] = [];
  start = 0;
  readonly #text: string;
  readonly #fail: Fail;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, fail: Fail) {
    this.#text = text;
    this.#fail = fail;
  }

  read(): unknown {
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    this.#skip();
    this.start = this.#at;
    if (this.#at === this.#text.length) this.#stop('the document is empty: {} is the least');
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) this.#stop('text after the end of the document');
    return value;
  }

  #stop(message: string, offset = this.#at): never {
    return this.#fail(message, offset);
  }

  #value(): unknown {
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return this.#string();
    if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) {
      return this.#number();
    }
    return this.#word();
  }

  #word(): unknown {
    if (this.#at >= this.#text.length) this.#stop('the document ends where a value should be');
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    if (!WORDS.has(word)) {
      this.#stop(
        word === ''
          ? `a value was expected, not ${JSON.stringify(this.#text[this.#at])}`
          : `${word} is no value: text needs double quotes`,
      );
    }
    this.#at += word.length;
    return WORDS.get(word);
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0];
    if (digits === undefined) return this.#stop('not a number');
    const value = Number(digits);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      this.#stop('the number is too large to be kept exactly: put it in quotes');
    }
    this.#at += digits.length;
    const next = this.#text[this.#at] ?? ' ';
    if (/[\w.]/.test(next)) this.#stop('not a number');
    return value;
  }

  #string(): string {
    const text = this.#text;
    const begin = this.#at++;
    let out = '';
    for (;;) {
      const char = text[this.#at];
      if (char === undefined) return this.#stop('a string without its closing quote', begin);
      if (char === '"') break;
      if (char === '\\') {
        out += this.#escape();
      } else if (char < ' ') {
        const what = char === '\n' || char === '\r' ? 'a line break' : 'a control character';
        this.#stop(
          `${what} inside a string: write \\n, or end the line with a backslash to go on`,
          this.#at,
        );
      } else {
        out += char;
        this.#at++;
      }
    }
    this.#at++;
    return out;
  }

  #escape(): string {
    const text = this.#text;
    const next = text[this.#at + 1] ?? '';
    if (next === '\n' || next === '\r') {
      this.#joinLines();
      return '';
    }
    if (next === 'u') {
      const hex = text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#stop('\\u needs four hexadecimal digits');
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const plain = ESCAPES[next];
    if (plain === undefined)
      return this.#stop(`\\${next} is no escape: write \\\\ for a backslash`);
    this.#at += 2;
    return plain;
  }

  /** Past backslash and line end, and past the whole-line comments that follow (osquery drops
   * those before it joins lines). */
  #joinLines(): void {
    const rest = /\\\r?\n(?:[ \t]*(?:\/\/|#)[^\n]*\n)*/y;
    rest.lastIndex = this.#at;
    const joined = rest.exec(this.#text)?.[0];
    this.#at += joined?.length ?? 2;
  }

  #object(): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    const offsets = this.#open(value);
    while (this.#more('}', offsets.size > 0)) {
      const offset = this.#at;
      if (this.#text[offset] !== '"') this.#stop('a key in double quotes was expected');
      const key = this.#string();
      if (key === '__proto__') this.#stop('__proto__ cannot be a key', offset);
      this.#skip();
      if (this.#text[this.#at] !== ':') this.#stop('a colon was expected after the key');
      this.#at++;
      this.#skip();
      this.#path.push(key);
      if (offsets.has(key)) this.duplicates.push([...this.#path]);
      offsets.set(key, offset);
      value[key] = this.#value();
      this.#path.pop();
    }
    return value;
  }

  #array(): unknown[] {
    const value: unknown[] = [];
    const offsets = this.#open(value);
    while (this.#more(']', value.length > 0)) {
      offsets.set(String(value.length), this.#at);
      this.#path.push(value.length);
      value.push(this.#value());
      this.#path.pop();
    }
    return value;
  }

  #open(value: object): Map<string, number> {
    if (this.#path.length >= MAX_DEPTH) this.#stop('nested deeper than 32');
    this.#at++;
    const offsets = new Map<string, number>();
    this.offsets.set(value, offsets);
    return offsets;
  }

  /** Steps to the next member; false past the closing bracket. */
  #more(close: string, comma: boolean): boolean {
    this.#skip();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return false;
    }
    if (!comma) return true;
    if (this.#text[this.#at] !== ',') this.#stop(`a comma or ${close} was expected`);
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] === close) this.#stop(`a comma before ${close}`);
    return true;
  }

  /** White space, comments, and a backslash at a line's end. */
  #skip(): void {
    const blank = /(?:[ \t\r\n]|\\\r?\n|(?:\/\/|#)[^\n]*|\/\*[\s\S]*?\*\/)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)?.[0].length ?? 0;
    if (this.#text.startsWith('/*', this.#at)) this.#stop('a comment without its end');
  }
}

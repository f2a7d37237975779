import picomatch from 'picomatch';

const SLASH = 47;
const ANY_CHARACTER = 256;
const ANY_TEXT = 257;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Kind = 'exact' | 'below' | 'folders' | 'glob';

/** One folder's name in a pattern: bytes, ANY_CHARACTER, ANY_TEXT; null for `**`. */
type Folder = Uint16Array | null;

/**
 * A path pattern that is matched against bytes, since paths need not be UTF-8 and decoding them
 * costs more than matching: `*` and `?` within a folder, `**` through folders, `[a-z]`, `{a,b}`,
 * `\` before a character that means itself. `/tmp/` and `/tmp/**` hold for everything below /tmp,
 * not for /tmp itself. A leading dot is nothing special.
 *
 * Whoever names the files may aim at the matcher: its work is bounded by path length times pattern
 * length, except for the patterns with brackets, which go through a regular expression.
 */
export class PathPattern {
  readonly source: string;
  readonly kind: Kind;
  /** What every match begins with; with kind `below`, and then something, the whole condition. */
  readonly literal: Uint8Array;
  /** Folders after the literal's last /, and how many bytes stand before them. */
  readonly #folders: readonly Folder[];
  readonly #skip: number;
  readonly #glob: ((text: string) => boolean) | undefined;

  constructor(source: string) {
    this.source = source;
    const text = source.endsWith('/') ? `${source}**` : source;
    const wild = /[*?[\]{}\\]/.exec(text);
    this.literal = encoder.encode(wild === null ? text : text.slice(0, wild.index));
    if (wild === null) {
      this.kind = 'exact';
    } else if (text.endsWith('/**') && wild.index === text.length - 2) {
      this.kind = 'below';
    } else {
      this.kind = /[[\]{}\\]/.test(text) ? 'glob' : 'folders';
    }
    const rest = wild === null ? text.length : text.lastIndexOf('/', wild.index) + 1;
    this.#skip = encoder.encode(text.slice(0, rest)).length;
    this.#folders = this.kind === 'folders' ? text.slice(rest).split('/').map(compileFolder) : [];
    this.#glob = this.kind === 'glob' ? compileGlob(text) : undefined;
  }

  /** Whether the path in bytes[from .. to) matches. */
  matches(bytes: Uint8Array, from: number, to: number): boolean {
    const literal = this.literal;
    const size = literal.length;
    if (to - from < size) return false;
    // From the end: paths that differ mostly share their beginning.
    for (let i = size - 1; i >= 0; i--) {
      if (bytes[from + i] !== literal[i]) return false;
    }
    if (this.kind === 'exact') return to - from === size;
    if (this.kind === 'below') return to - from > size;
    if (this.kind === 'folders') return matchFolders(this.#folders, bytes, from + this.#skip, to);
    return this.#glob?.(decoder.decode(bytes.subarray(from, to))) ?? false;
  }

  matchesText(path: string): boolean {
    const bytes = encoder.encode(path);
    return this.matches(bytes, 0, bytes.length);
  }
}

function compileFolder(text: string): Folder {
  if (text === '**') return null;
  const tokens: number[] = [];
  for (const byte of encoder.encode(text)) {
    if (byte === 42) {
      if (tokens[tokens.length - 1] !== ANY_TEXT) tokens.push(ANY_TEXT);
    } else tokens.push(byte === 63 ? ANY_CHARACTER : byte);
  }
  return Uint16Array.from(tokens);
}

function compileGlob(text: string): (path: string) => boolean {
  // Only * ? ** [] {} and \ are our language; the rest of picomatch's is made literal.
  const plain = text.replace(/(\\.)|[()|+@!^$]/g, (found, escaped) => escaped ?? `\\${found}`);
  const matcher = picomatch(plain, { dot: true, nonegate: true, noextglob: true });
  const folder = text.endsWith('/**') ? picomatch(plain.slice(0, -3), { dot: true }) : undefined;
  return (path) => matcher(path) && folder?.(path) !== true;
}

/** Wildcard match over folders, going back to the last `**` only: linear in folders per `**`. */
function matchFolders(
  folders: readonly Folder[],
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  let index = 0;
  let at = from;
  let backIndex = -1;
  let backAt = 0;
  while (at <= to) {
    const folder = folders[index];
    if (folder === null) {
      if (index === folders.length - 1) return at < to;
      backIndex = index++;
      backAt = at;
      continue;
    }
    const end = folderEnd(bytes, at, to);
    if (folder !== undefined && matchFolder(folder, bytes, at, end)) {
      index++;
      at = end + 1;
    } else if (backIndex >= 0) {
      backAt = folderEnd(bytes, backAt, to) + 1;
      at = backAt;
      index = backIndex + 1;
    } else {
      return false;
    }
  }
  return index === folders.length;
}

function folderEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = from;
  while (end < to && bytes[end] !== SLASH) end++;
  return end;
}

function matchFolder(folder: Uint16Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (from === to) return folder.length === 0;
  let index = 0;
  let at = from;
  let backIndex = -1;
  let backAt = 0;
  while (at < to) {
    const token = folder[index];
    if (token === ANY_TEXT) {
      if (index === folder.length - 1) return true;
      backIndex = index++;
      backAt = at;
    } else if (token === ANY_CHARACTER) {
      index++;
      at = characterEnd(bytes, at, to);
    } else if (token === bytes[at]) {
      index++;
      at++;
    } else if (backIndex >= 0) {
      at = ++backAt;
      index = backIndex + 1;
    } else {
      return false;
    }
  }
  while (folder[index] === ANY_TEXT) index++;
  return index === folder.length;
}

/** Past one character: a byte and the UTF-8 continuation bytes that follow. */
function characterEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = from + 1;
  while (end < to && ((bytes[end] as number) & 0xc0) === 0x80) end++;
  return end;
}

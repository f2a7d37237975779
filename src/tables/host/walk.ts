/**
 * Files that a pattern means, in osquery's language: `%` is any part of one name, `%%` at the end
 * is everything below. Paths are byte paths.
 */
import { fromBytePath } from './byte-path.ts';
import type { Entry, EntryKind, Host } from './host.ts';

export interface WalkOptions {
  /** Only what is one of these; default: everything. */
  readonly only?: readonly EntryKind[];
  /** Throws when the query is to stop. */
  readonly checkpoint: () => void;
  readonly warn: (message: string) => void;
}

/** Deeper than any honest tree; a path has at most 4,096 bytes anyway. */
const MAX_DEPTH = 128;
/** Of one pattern: more is a mistake, or somebody who fills folders on purpose. */
const MAX_FILES = 5_000_000;
const CHECK_EVERY = 256;

/** The kernel makes these up while one walks, without end; a pattern that begins there goes in. */
const MADE_UP = ['/proc', '/sys'];

/** Regular expression for a name with `%` in it; every other character is itself. */
function namePattern(name: string): RegExp {
  const literal = name.split(/%+/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 's');
}

/** Walks for one pattern. */
class Walk {
  readonly #host: Host;
  readonly #options: WalkOptions;
  #files = 0;

  constructor(host: Host, options: WalkOptions) {
    this.#host = host;
    this.#options = options;
  }

  *run(pattern: string): Iterable<string> {
    const slash = pattern.endsWith('/') && pattern !== '/';
    const names = pattern.split('/').slice(1);
    if (slash) names.pop();
    for (const path of this.#level('', names)) {
      if (!slash) yield path;
      else if (this.#isFolder(path)) yield `${path}/`;
    }
  }

  /** @param folder path so far, without the last slash */
  *#level(folder: string, names: readonly string[]): Iterable<string> {
    const [name = '', ...rest] = names;
    if (!name.includes('%')) {
      // Without wildcards nothing has to be listed.
      const path = `${folder}/${name}`;
      if (rest.length > 0) yield* this.#level(name === '' ? folder : path, rest);
      else if (this.#host.lstat(fromBytePath(path)) !== undefined) yield this.#count(path);
      return;
    }
    const below = rest.length === 0 && name.endsWith('%%');
    const matches = namePattern(name);
    for (const entry of this.#entries(folder)) {
      if (!matches.test(entry.name)) continue;
      const path = `${folder}/${entry.name}`;
      if (rest.length > 0) {
        // Links are followed here, where their number is that of the pattern's names.
        if (entry.kind !== 'file' && entry.kind !== 'other') yield* this.#level(path, rest);
      } else {
        this.#count(path);
        if (this.#options.only?.includes(entry.kind) !== false) yield path;
        if (below && entry.kind === 'directory') yield* this.#below(path, 1);
      }
    }
  }

  /** Everything below a folder. Links are shown, not followed: they may lead in circles. */
  *#below(folder: string, depth: number): Iterable<string> {
    if (depth > MAX_DEPTH) {
      this.#options.warn(`${folder} is deeper than ${MAX_DEPTH} folders; the rest is left out`);
      return;
    }
    if (MADE_UP.includes(folder)) {
      this.#options.warn(`${folder} is left out of %%; begin the pattern with it`);
      return;
    }
    for (const entry of this.#entries(folder)) {
      const path = `${folder}/${entry.name}`;
      this.#count(path);
      if (this.#options.only?.includes(entry.kind) !== false) yield path;
      if (entry.kind === 'directory') yield* this.#below(path, depth + 1);
    }
  }

  #entries(folder: string): Entry[] {
    return this.#host.byteEntries(fromBytePath(folder === '' ? '/' : folder));
  }

  #isFolder(path: string): boolean {
    return this.#host.stat(fromBytePath(path))?.isDirectory() === true;
  }

  #count(path: string): string {
    if (++this.#files % CHECK_EVERY === 0) this.#options.checkpoint();
    if (this.#files > MAX_FILES) throw new Error(`the pattern means more than ${MAX_FILES} files`);
    return path;
  }
}

/** Whether it names one file: then nothing has to be looked for. */
export function isPattern(path: string): boolean {
  return path.includes('%');
}

/**
 * Paths that a pattern means. One that does not begin with / means nothing.
 *
 * @param pattern byte path with `%`
 */
export function walk(host: Host, pattern: string, options: WalkOptions): Iterable<string> {
  return pattern.startsWith('/') ? new Walk(host, options).run(pattern) : [];
}

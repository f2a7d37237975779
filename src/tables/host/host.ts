/**
 * The one way in which tables read files: safely. The paths belong to whoever may write there, so a
 * file may be missing, huge, a pipe that nobody writes to, or not UTF-8.
 */

import { isUtf8 } from 'node:buffer';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type StatsFsBase,
  statfsSync,
  statSync,
} from 'node:fs';
import { posix } from 'node:path';
import { native } from '../../native/addon.ts';
import { fromBytePath, toBytePath } from './byte-path.ts';
import { isOwn, mayBeOwn } from './own-databases.ts';

/** O_PATH of fcntl.h: the same on every Linux. */
const O_PATH = 0o10000000;
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** What a file of a table is never larger than; the rest is left out, with a warning. */
const DEFAULT_LIMIT = 16 << 20;
const CHUNK = 64 << 10;
const PIECE = 1 << 20;

/** Codes that are no trouble: the thing is not there (any more). */
export const ABSENT: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ESRCH',
  'ENXIO',
  'EINVAL',
]);

export interface ReadOptions {
  /** Bytes that are read at most. */
  readonly limit?: number;
  /** Of a reason that would be warned about, say nothing. */
  readonly quiet?: boolean;
}

/** A regular file while it is open. */
export interface OpenFile {
  readonly fd: number;
  stat(): BigIntStats;
  /** The next bytes, good until the next call; none at the end. */
  read(): Uint8Array;
}

/** Type and permissions as in st_mode, and whose it is. */
export interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whose rights count. */
export interface HostUser {
  readonly uid: number;
  readonly gid: number;
}

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
}

/** A path as text, or as bytes where it is not UTF-8 (see byte-path.ts). */
export type HostPath = string | Buffer;

/** Text as it is, or its bytes when they are not UTF-8: a Cell that loses nothing. */
export function exactText(bytes: Uint8Array): string | Uint8Array {
  return isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    : bytes;
}

function kindOf(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): EntryKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/**
 * Files of one root: the host's (''), a container's, or a test's. Below a root other than the
 * host's, links are followed as a process there sees them and never lead out of it.
 *
 * What is missing is `undefined` or empty; what may not be read is too, and is warned about.
 */
export class Host {
  readonly root: string;
  readonly #warn: (message: string) => void;
  readonly #user: HostUser | undefined;
  /** No root and no user: Node's own functions do. */
  readonly #plain: boolean;
  #scratch: Buffer | null = null;

  constructor(root: string, warn: (message: string) => void, user?: HostUser) {
    this.root = root;
    this.#warn = warn;
    this.#user = user;
    this.#plain = root === '' && user === undefined;
  }

  /**
   * The same files with no more rights than the user has: for what lies in a home, where a link may
   * lead to what the user may not read.
   */
  as(user: HostUser): Host {
    return new Host(this.root, this.#warn, user);
  }

  /** Whether links lead where they say: not below another root. */
  get followsLinks(): boolean {
    return this.#plain;
  }

  /** The file's bytes. Only regular files are read: a pipe would wait, a device would not end. */
  bytes(path: HostPath, options: ReadOptions = {}): Buffer | undefined {
    return this.#try(path, options.quiet, () => {
      const fd = this.#open(path, READ);
      try {
        if (!fstatSync(fd).isFile()) return undefined;
        return this.#drain(fd, path, options);
      } finally {
        closeSync(fd);
      }
    });
  }

  /**
   * Reads a regular file of any size piece by piece; undefined when it is none or may not be read.
   */
  withOpen<T>(path: HostPath, use: (file: OpenFile) => T): T | undefined {
    return this.#try(path, false, () =>
      this.#withFd(path, READ, (fd) => {
        if (!fstatSync(fd).isFile()) return undefined;
        const buffer = Buffer.allocUnsafeSlow(PIECE);
        return use({
          fd,
          stat: () => fstatSync(fd, { bigint: true }),
          read: () => buffer.subarray(0, readSync(fd, buffer, 0, PIECE, null)),
        });
      }),
    );
  }

  /** Opens a regular file for what reads it by itself; undefined when it is none or may not be. */
  withDescriptor<T>(path: HostPath, use: (fd: number) => T): T | undefined {
    return this.#try(path, false, () =>
      this.#withFd(path, READ, (fd) => (fstatSync(fd).isFile() ? use(fd) : undefined)),
    );
  }

  /** Bytes at a place in a regular file or device; fewer where it ends. Other kinds would wait. */
  readAt(path: HostPath, position: number, size: number): Buffer | undefined {
    return this.#try(path, true, () =>
      this.#withFd(path, READ, (fd) => {
        const stat = fstatSync(fd);
        if (!stat.isFile() && !stat.isBlockDevice() && !stat.isCharacterDevice()) return undefined;
        const buffer = Buffer.alloc(size);
        return buffer.subarray(0, readSync(fd, buffer, 0, size, position));
      }),
    );
  }

  /** Extended attributes of what the path leads to, by name. */
  xattrs(path: HostPath): Map<string, Buffer> | undefined {
    return this.#try(path, false, () =>
      this.#withFd(path, O_PATH, (fd) => {
        const records = native.tables.xattrs(`/proc/self/fd/${fd}`);
        const values = new Map<string, Buffer>();
        for (let at = 0; at < records.length; ) {
          const end = records.indexOf(0, at);
          const start = end + 5;
          const length = records.readUInt32LE(end + 1);
          values.set(records.toString('utf8', at, end), records.subarray(start, start + length));
          at = start + length;
        }
        return values;
      }),
    );
  }

  /** The file as text; what is not UTF-8 becomes U+FFFD (see exactText). */
  text(path: HostPath, options: ReadOptions = {}): string | undefined {
    return this.bytes(path, options)?.toString();
  }

  /** The file's one value without white space around it, as in /sys. */
  value(path: HostPath, options: ReadOptions = { quiet: true }): string | undefined {
    return this.text(path, options)?.trim();
  }

  /** Lines without their ends; a last empty one is none. */
  lines(path: HostPath, options: ReadOptions = {}): string[] {
    const text = this.text(path, options);
    if (text === undefined || text === '') return [];
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Names in a folder, in its own order. */
  names(path: HostPath, options: ReadOptions = {}): string[] {
    return (
      this.#try(path, options.quiet, () => this.#within(path, READ, (at) => readdirSync(at))) ?? []
    );
  }

  /** Names in a folder and what each is, without following links. */
  entries(path: HostPath, options: ReadOptions = {}): Entry[] {
    const read = (at: HostPath): Entry[] =>
      readdirSync(at, { withFileTypes: true }).map((e) => ({ name: e.name, kind: kindOf(e) }));
    return this.#try(path, options.quiet, () => this.#within(path, READ, read)) ?? [];
  }

  /** As `entries`, with names in Latin-1: a character per byte, for names that are not UTF-8. */
  byteEntries(path: HostPath, options: ReadOptions = {}): Entry[] {
    const read = (at: HostPath): Entry[] =>
      readdirSync(at, { withFileTypes: true, encoding: 'latin1' }).map((e) => ({
        name: e.name,
        kind: kindOf(e),
      }));
    return this.#try(path, options.quiet, () => this.#within(path, READ, read)) ?? [];
  }

  /** Opens a folder for what reads it by itself; undefined when it is none or may not be read. */
  withFolder<T>(path: HostPath, use: (fd: number) => T): T | undefined {
    return this.#try(path, false, () => this.#withFd(path, constants.O_DIRECTORY | READ, use));
  }

  /** Where a link leads, as it says; text that loses nothing. */
  exactLink(path: HostPath, options: ReadOptions = {}): string | Uint8Array | undefined {
    return this.#try(path, options.quiet, () => {
      if (this.#plain) return exactText(readlinkSync(path, { encoding: 'buffer' }));
      // The folder is found inside the root, the link itself is only read.
      const { dir, base } = posix.parse(toBytePath(path));
      const read = (at: HostPath): string | Uint8Array =>
        exactText(readlinkSync(fromBytePath(`${at}/${base}`), { encoding: 'buffer' }));
      return this.#within(fromBytePath(dir), O_PATH, read);
    });
  }

  /** As `exactLink`; what is not UTF-8 becomes U+FFFD. */
  link(path: HostPath, options: ReadOptions = {}): string | undefined {
    const target = this.exactLink(path, options);
    return target instanceof Uint8Array ? Buffer.from(target).toString() : target;
  }

  /** Facts of what the path leads to. */
  stat(path: HostPath, options: ReadOptions = { quiet: true }): BigIntStats | undefined {
    return this.#try(path, options.quiet, () => {
      if (this.#plain) return statSync(path, { bigint: true });
      return this.#withFd(path, O_PATH, (fd) => fstatSync(fd, { bigint: true }));
    });
  }

  /** Of `stat`, what fits plain numbers: a third of the time where there are many files. */
  owner(path: HostPath): Owner | undefined {
    if (!this.#plain) {
      const stat = this.stat(path);
      if (stat === undefined) return undefined;
      const [mode, uid, gid] = [stat.mode, stat.uid, stat.gid].map(Number) as [
        number,
        number,
        number,
      ];
      return { mode, uid, gid };
    }
    return this.#try(path, true, () => statSync(path, { throwIfNoEntry: false }));
  }

  /** Facts of the path itself, also of a link. */
  lstat(path: HostPath, options: ReadOptions = { quiet: true }): BigIntStats | undefined {
    return this.#try(path, options.quiet, () => {
      if (this.#plain) return lstatSync(path, { bigint: true });
      return this.#withFd(path, O_PATH | constants.O_NOFOLLOW, (fd) =>
        fstatSync(fd, { bigint: true }),
      );
    });
  }

  /** Size of the file system that the path is on; bytes and counts. */
  statfs(path: HostPath, options: ReadOptions = { quiet: true }): StatsFsBase<bigint> | undefined {
    return this.#try(path, options.quiet, () => {
      if (this.#plain) return statfsSync(path, { bigint: true });
      return this.#withFd(path, O_PATH, (fd) =>
        statfsSync(`/proc/self/fd/${fd}`, { bigint: true }),
      );
    });
  }

  exists(path: HostPath): boolean {
    return this.stat(path) !== undefined;
  }

  /** Numbers that name processes in /proc, ascending. */
  pids(): number[] {
    return this.names('/proc')
      .filter((name) => /^[1-9]\d*$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  #open(path: HostPath, flags: number): number {
    if ((flags & (O_PATH | constants.O_DIRECTORY)) !== 0 || !mayBeOwn(path)) {
      return this.#openAny(path, flags);
    }
    // Closing a descriptor made with O_PATH takes no locks away.
    const place = this.#openAny(path, O_PATH);
    const own = isOwn(fstatSync(place, { bigint: true }));
    closeSync(place);
    if (own) throw ownDatabase();
    const fd = this.#openAny(path, flags);
    // Somebody put it there in between: the descriptor stays open.
    if (isOwn(fstatSync(fd, { bigint: true }))) throw ownDatabase();
    return fd;
  }

  #openAny(path: HostPath, flags: number): number {
    if (this.#plain) return openSync(path, flags);
    return native.tables.openIn(this.root, path, flags, this.#user?.uid, this.#user?.gid);
  }

  #withFd<T>(path: HostPath, flags: number, use: (fd: number) => T): T {
    const fd = this.#open(path, flags);
    try {
      return use(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** Calls with a path for the folder that leads nowhere else. `access`: READ checks that it may be
   * listed. */
  #within<T>(path: HostPath, access: number, use: (at: HostPath) => T): T {
    if (this.#plain) return use(path);
    return this.#withFd(path, constants.O_DIRECTORY | access, (fd) => use(`/proc/self/fd/${fd}`));
  }

  /** Files of /proc say size 0, so the end is where reading ends. */
  #drain(fd: number, path: HostPath, options: ReadOptions): Buffer {
    const limit = options.limit ?? DEFAULT_LIMIT;
    this.#scratch ??= Buffer.allocUnsafeSlow(CHUNK);
    let buffer = this.#scratch;
    let size = 0;
    for (;;) {
      if (size === buffer.length) {
        const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
        buffer.copy(larger);
        buffer = larger;
      }
      const got = readSync(fd, buffer, size, buffer.length - size, null);
      if (got === 0) break;
      size += got;
      if (size >= limit) {
        if (options.quiet !== true)
          this.#warn(`${String(path)} is longer than ${limit} bytes; the rest is left out`);
        size = limit;
        break;
      }
    }
    return Buffer.from(buffer.subarray(0, size));
  }

  #try<T>(path: HostPath, quiet: boolean | undefined, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (quiet !== true && !ABSENT.has(code)) this.#warn(`cannot read ${String(path)}: ${code}`);
      return undefined;
    }
  }
}

const ownDatabase = (): NodeJS.ErrnoException =>
  Object.assign(new Error('a database of this process'), { code: 'EBUSY' });

import { getSystemErrorName } from 'node:util';
import { native } from '../../native/addon.ts';
import { exactText, type Host } from './host.ts';

/** Processes that are read at once: enough for every core, few enough for memory. */
const AT_ONCE = 256;
/** Of one file; longer ones are cut. Command lines and environments may have megabytes. */
const LIMIT = 256 << 10;

/** From so many on, asking the kernel for what it knows of all is sooner done than reading files. */
const MANY = 256;
/** What taskFacts knows. */
const FACTS = ['stat', 'io', 'cgroup', '#ids', '@root', '@cwd'];

/** It ended, or has no such file: a kernel thread has no executable. */
const ABSENT = new Set(['ENOENT', 'ESRCH']);

/** Files of one process, as asked for. */
export class ProcessFiles {
  readonly pid: number;
  readonly #names: readonly string[];
  readonly #bytes: Buffer;
  readonly #lengths: Int32Array;
  readonly #first: number;
  readonly #offset: number;

  constructor(
    pid: number,
    names: readonly string[],
    all: { readonly bytes: Buffer; readonly lengths: Int32Array },
    first: number,
    offset: number,
  ) {
    this.pid = pid;
    this.#names = names;
    this.#bytes = all.bytes;
    this.#lengths = all.lengths;
    this.#first = first;
    this.#offset = offset;
  }

  /** Contents; undefined when it could not be read or was not asked for. */
  bytes(name: string): Buffer | undefined {
    let offset = this.#offset;
    for (let i = 0; i < this.#names.length; i++) {
      const length = this.#lengths[this.#first + i] as number;
      if (this.#names[i] === name) {
        return length < 0 ? undefined : this.#bytes.subarray(offset, offset + length);
      }
      if (length > 0) offset += length;
    }
    return undefined;
  }

  /** As text; '' when it could not be read. */
  text(name: string): string {
    return this.bytes(name)?.toString('latin1') ?? '';
  }

  /** As text that loses nothing; '' when it could not be read. */
  exact(name: string): string | Uint8Array {
    const bytes = this.bytes(name);
    return bytes === undefined ? '' : exactText(bytes);
  }
}

/** Counts what could not be read, for one warning per file and reason. */
class Refusals {
  readonly #counts = new Map<string, number>();

  add(name: string, errno: number): void {
    const code = getSystemErrorName(errno);
    if (ABSENT.has(code)) return;
    const key = `${name.replace('@', '')}: ${code}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  tell(warn: (message: string) => void): void {
    for (const [key, count] of this.#counts) {
      const [name, code] = key.split(': ');
      const of = count === 1 ? '1 process' : `${count} processes`;
      warn(`cannot read /proc/PID/${name} of ${of}: ${code}`);
    }
  }
}

/**
 * Reads files below /proc/PID of many processes, on all cores.
 *
 * @param names files; with "@" before it, where a link leads
 * @param warn told once per file and reason how many could not be read
 */
export function* processFiles(
  host: Host,
  pids: readonly number[],
  names: readonly string[],
  warn: (message: string) => void,
): Generator<ProcessFiles> {
  const refusals = new Refusals();
  const many = host.root === '' && pids.length >= MANY && names.some((n) => FACTS.includes(n));
  const facts = many ? native.tables.taskFacts() : undefined;
  for (let at = 0; at < pids.length; at += AT_ONCE) {
    const some = Uint32Array.from(pids.slice(at, at + AT_ONCE));
    const all = native.tables.procFiles(host.root, some, names, LIMIT, facts);
    let offset = 0;
    for (const [i, pid] of some.entries()) {
      const first = i * names.length;
      yield new ProcessFiles(pid, names, all, first, offset);
      for (const [n, name] of names.entries()) {
        const length = all.lengths[first + n] as number;
        if (length > 0) offset += length;
        else if (length < 0) refusals.add(name, length);
      }
    }
  }
  refusals.tell(warn);
}

export interface OpenFile {
  readonly pid: number;
  readonly fd: number;
  /** Where it leads: a path, or socket:[inode], pipe:[inode], anon_inode:... */
  readonly target: string | Uint8Array;
}

/** Open files of many processes, on all cores. Warns as `processFiles` does. */
export function* openFiles(
  host: Host,
  pids: readonly number[],
  warn: (message: string) => void,
): Generator<OpenFile> {
  const refusals = new Refusals();
  for (let at = 0; at < pids.length; at += AT_ONCE) {
    const some = pids.slice(at, at + AT_ONCE);
    const all = native.tables.openFiles(host.root, Uint32Array.from(some));
    for (const error of all.errors) if (error !== 0) refusals.add('fd', -error);
    let offset = 0;
    for (let i = 0; i < all.fds.length; i++) {
      const length = all.lengths[i] as number;
      const target = exactText(all.bytes.subarray(offset, offset + length));
      offset += length;
      yield { pid: some[all.processes[i] as number] as number, fd: all.fds[i] as number, target };
    }
  }
  refusals.tell(warn);
}

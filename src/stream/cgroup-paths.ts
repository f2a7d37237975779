import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedMap } from './bounded-map.ts';

export interface CgroupPathsOptions {
  /** Where the processes are listed: /proc. */
  readonly proc?: string;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
  /** Folders that one look through the tree visits at most. */
  readonly maxFolders?: number;
}

const MAX_KNOWN = { entries: 16_384, bytes: 8 << 20 };
const MAX_MISSED = 16_384;
const LOOK_EVERY_MS = 1000;
const FORGET_MISS_MS = 10_000;

/** Whole for every id below 2^53, which kernels give; the text keeps larger ones apart. */
export const cgroupKey = (low: number, high: number): number | string =>
  high < 0x200000 ? high * 0x100000000 + low : `${high}:${low}`;

/** Mount point of the cgroup2 hierarchy, from /proc/self/mountinfo; undefined without one. */
export function cgroup2Mount(proc = '/proc'): string | undefined {
  for (const line of read(join(proc, 'self/mountinfo')).split('\n')) {
    const [fields, filesystem] = line.split(' - ');
    if (filesystem?.startsWith('cgroup2 ')) return fields?.split(' ')[4];
  }
  return undefined;
}

/** Id of a cgroup: the inode of its folder. `path` is below the cgroup2 mount. */
export function cgroupIdOf(path: string, mount = cgroup2Mount()): bigint | undefined {
  if (mount === undefined) return undefined;
  try {
    const { ino } = statSync(join(mount, path), { bigint: true });
    return ino;
  } catch {
    return undefined;
  }
}

/**
 * Finds the path of a cgroup by its id. The process of the event is asked first, in /proc; when it
 * has gone, the cgroup2 tree is looked through, at most once a second. Ids are not used again
 * before a reboot, so what was found is kept, also when the cgroup has gone.
 */
export class CgroupPaths {
  readonly #proc: string;
  readonly #now: () => number;
  readonly #maxFolders: number;
  readonly #mount: string | undefined;
  readonly #known = new BoundedMap<number | string, string>(
    'cgroup_paths',
    MAX_KNOWN,
    (_, path) => 2 * path.length,
  );
  readonly #missed = new Map<number | string, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: CgroupPathsOptions = {}) {
    this.#proc = options.proc ?? '/proc';
    this.#now = options.now ?? Date.now;
    this.#maxFolders = options.maxFolders ?? 20_000;
    this.#mount = cgroup2Mount(this.#proc);
  }

  /** Path below the mount, such as /system.slice/cron.service; undefined when it cannot be had. */
  pathOf(low: number, high: number, pid: number): string | undefined {
    const key = cgroupKey(low, high);
    const known = this.#known.get(key);
    if (known !== undefined || this.#mount === undefined) return known;
    const now = this.#now();
    const missedAt = this.#missed.get(key);
    if (missedAt !== undefined && now - missedAt < FORGET_MISS_MS) return undefined;
    const path = this.#ofProcess(pid);
    if (path !== undefined && this.#keyOf(path) === key) {
      this.#keep(key, path);
      return path;
    }
    if (now - this.#lookedAt >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#lookThrough();
    }
    const found = this.#known.get(key);
    if (found === undefined) {
      if (this.#missed.size >= MAX_MISSED) this.#missed.clear();
      this.#missed.set(key, now);
    }
    return found;
  }

  #ofProcess(pid: number): string | undefined {
    // One line per hierarchy: 0::PATH is cgroup2. A path may hold any byte but a newline.
    const lines = read(join(this.#proc, String(pid), 'cgroup')).split('\n');
    return lines
      .find((line) => line.startsWith('0::'))
      ?.slice(3)
      .replace(/ \(deleted\)$/, '');
  }

  #keyOf(path: string): number | string | undefined {
    const id = cgroupIdOf(path, this.#mount);
    if (id === undefined) return undefined;
    return cgroupKey(Number(id & 0xffffffffn), Number(id >> 32n));
  }

  #lookThrough(): void {
    const waiting = ['/'];
    for (let visited = 0; visited < this.#maxFolders; visited++) {
      const path = waiting.pop();
      if (path === undefined) return;
      const key = this.#keyOf(path);
      if (key !== undefined) this.#keep(key, path);
      try {
        const folder = join(this.#mount as string, path);
        for (const entry of readdirSync(folder, { withFileTypes: true })) {
          if (entry.isDirectory()) waiting.push(join(path, entry.name));
        }
      } catch {
        // Gone between being listed and being read.
      }
    }
  }

  #keep(key: number | string, path: string): void {
    this.#known.set(key, path);
    this.#missed.delete(key);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

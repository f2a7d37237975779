import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedMap } from './bounded-map.ts';
import { type CgroupPaths, cgroupKey } from './cgroup-paths.ts';
import { type Container, containerOf } from './container-id.ts';
import { ContainerBook, type ContainerFacts } from './container-names.ts';

export interface ContainersOptions {
  readonly cgroups: Pick<CgroupPaths, 'pathOf'>;
  readonly book?: Pick<ContainerBook, 'factsOf'>;
  /** Where the processes are listed: /proc. */
  readonly proc?: string;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** What an event says about where its process ran; 64-bit numbers as words. */
export interface Whereabouts {
  readonly cgroupLow: number;
  readonly cgroupHigh: number;
  readonly processLow: number;
  readonly processHigh: number;
  readonly mntNs: number;
  readonly pid: number;
}

/** The text is that of a container's id and its cgroup, which is shared. */
const MAX_KNOWN = { entries: 16_384, bytes: 4 << 20 };
const KEY_BYTES = 64;
/** Another process in the same mount namespace so soon is in the same container. */
const FRESH_MS = 50;
/** One that is gone before it could be asked is taken for its neighbours of this time. */
const NEIGHBOUR_MS = 60_000;

/** null: of the host. */
type Found = Container | null;

interface Neighbour {
  readonly found: Container;
  readonly at: number;
}

/**
 * The container of an event's process. The cgroup2 path tells it, on hosts that have only that
 * hierarchy. Beside cgroup v1 the runtime may put its containers there alone, and all processes of
 * the host then share one cgroup2 id: the process itself is asked, in /proc, when it is first met.
 */
export class Containers {
  readonly #options: ContainersOptions;
  readonly #proc: string;
  readonly #now: () => number;
  readonly #hasV1: boolean;
  readonly #hostMntNs: number;
  readonly #book: Pick<ContainerBook, 'factsOf'>;
  readonly #byCgroup = new BoundedMap<number | string, Found>('cgroups', MAX_KNOWN, textOf);
  readonly #byProcess = new BoundedMap<string, Found>('contained_processes', MAX_KNOWN, sharedText);
  readonly #byMntNs = new BoundedMap<number, Neighbour>('mount_namespaces', MAX_KNOWN, sharedText);

  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#proc = options.proc ?? '/proc';
    this.#now = options.now ?? Date.now;
    this.#book = options.book ?? new ContainerBook();
    const own = this.#cgroupLines('self') ?? [];
    this.#hasV1 = own.some((line) => line !== '' && !line.startsWith('0::'));
    this.#hostMntNs = this.#inode('self/ns/mnt');
  }

  /** Undefined on the host, and when it cannot be found out. */
  factsOf(where: Whereabouts): ContainerFacts | undefined {
    const found = this.#ofCgroup(where) ?? this.#besideCgroup(where);
    return found === null ? undefined : this.#book.factsOf(found, where.pid);
  }

  #besideCgroup(where: Whereabouts): Found {
    // Every runtime gives its containers a mount namespace; inode numbers of those come again.
    const outside = where.mntNs === 0 || where.mntNs === this.#hostMntNs;
    return !this.#hasV1 || outside ? null : this.#ofProcess(where);
  }

  #ofCgroup({ cgroupLow, cgroupHigh, pid }: Whereabouts): Found {
    const key = cgroupKey(cgroupLow, cgroupHigh);
    const known = this.#byCgroup.get(key);
    if (known !== undefined) return known;
    const path = this.#options.cgroups.pathOf(cgroupLow, cgroupHigh, pid);
    if (path === undefined) return null;
    return this.#byCgroup.set(key, containerOf(path) ?? null);
  }

  #ofProcess({ processLow, processHigh, mntNs, pid }: Whereabouts): Found {
    const now = this.#now();
    const neighbour = this.#byMntNs.get(mntNs);
    if (neighbour !== undefined && now - neighbour.at < FRESH_MS) return neighbour.found;
    const key = `${processHigh}:${processLow}`;
    const known = this.#byProcess.get(key);
    if (known !== undefined) return known;
    const lines = this.#cgroupLines(String(pid));
    if (lines === undefined) {
      const recent = neighbour !== undefined && now - neighbour.at < NEIGHBOUR_MS;
      return recent ? neighbour.found : null;
    }
    // N:CONTROLLERS:PATH; a path may hold colons.
    const all = lines.map((line) => containerOf(line.split(':').slice(2).join(':')));
    const found = all.find((one) => one !== undefined) ?? null;
    // A runtime's own helpers share the namespace for a moment: only containers are remembered.
    if (found !== null) this.#byMntNs.set(mntNs, { found, at: now });
    return this.#byProcess.set(key, found);
  }

  #cgroupLines(process: string): string[] | undefined {
    try {
      return readFileSync(join(this.#proc, process, 'cgroup'), 'utf8')
        .trimEnd()
        .split('\n');
    } catch {
      return undefined;
    }
  }

  #inode(file: string): number {
    try {
      return statSync(join(this.#proc, file)).ino;
    } catch {
      return 0;
    }
  }
}

function textOf(_: number | string, found: Found): number {
  const own = found === null ? 0 : 2 * (found.cgroup.length + found.id.length);
  return KEY_BYTES + own;
}

const sharedText = (): number => KEY_BYTES;

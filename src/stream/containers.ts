import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupPaths, cgroupKey } from './cgroup-paths.ts';
import { containerOf } from './container-id.ts';

export interface ContainersOptions {
  readonly cgroups: Pick<CgroupPaths, 'pathOf'>;
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

const MAX_KNOWN = 16_384;
/** Another process in the same mount namespace so soon is in the same container. */
const FRESH_MS = 50;
/** One that is gone before it could be asked is taken for its neighbours of this time. */
const NEIGHBOUR_MS = 60_000;

interface Neighbour {
  readonly id: string;
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
  readonly #byCgroup = new Map<number | string, string>();
  readonly #byProcess = new Map<number | string, string>();
  readonly #byMntNs = new Map<number, Neighbour>();

  constructor(options: ContainersOptions) {
    this.#options = options;
    this.#proc = options.proc ?? '/proc';
    this.#now = options.now ?? Date.now;
    const own = this.#cgroupLines('self') ?? [];
    this.#hasV1 = own.some((line) => line !== '' && !line.startsWith('0::'));
    this.#hostMntNs = this.#inode('self/ns/mnt');
  }

  /** '' on the host, and when it cannot be found out. */
  idOf(where: Whereabouts): string {
    const id = this.#ofCgroup(where);
    // Every runtime gives its containers a mount namespace; inode numbers of those come again.
    const outside = where.mntNs === 0 || where.mntNs === this.#hostMntNs;
    return id !== '' || !this.#hasV1 || outside ? id : this.#ofProcess(where);
  }

  #ofCgroup({ cgroupLow, cgroupHigh, pid }: Whereabouts): string {
    const key = cgroupKey(cgroupLow, cgroupHigh);
    const known = this.#byCgroup.get(key);
    if (known !== undefined) return known;
    const path = this.#options.cgroups.pathOf(cgroupLow, cgroupHigh, pid);
    if (path === undefined) return '';
    return keep(this.#byCgroup, key, containerOf(path)?.id ?? '');
  }

  #ofProcess({ processLow, processHigh, mntNs, pid }: Whereabouts): string {
    const now = this.#now();
    const neighbour = this.#byMntNs.get(mntNs);
    if (neighbour !== undefined && now - neighbour.at < FRESH_MS) return neighbour.id;
    const key = `${processHigh}:${processLow}`;
    const known = this.#byProcess.get(key);
    if (known !== undefined) return known;
    const lines = this.#cgroupLines(String(pid));
    if (lines === undefined) {
      const recent = neighbour !== undefined && now - neighbour.at < NEIGHBOUR_MS;
      return recent ? neighbour.id : '';
    }
    // N:CONTROLLERS:PATH; a path may hold colons.
    const ids = lines.map((line) => containerOf(line.split(':').slice(2).join(':'))?.id);
    const id = ids.find((found) => found !== undefined) ?? '';
    // A runtime's own helpers share the namespace for a moment: only containers are remembered.
    if (id !== '') keep(this.#byMntNs, mntNs, { id, at: now });
    return keep(this.#byProcess, key, id);
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

function keep<K, V>(map: Map<K, V>, key: K, value: V): V {
  if (map.size >= MAX_KNOWN) map.clear();
  map.set(key, value);
  return value;
}

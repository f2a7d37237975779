import { BoundedMap } from './bounded-map.ts';
import type { Container } from './container-id.ts';
import { lateNames } from './container-state/late.ts';
import type { ContainerNames, StatePlaces } from './container-state/names.ts';
import { ownerOf, resolveNames } from './container-state/resolve.ts';

/** A container as rows tell it; '' where nothing is known. Another object when more is known. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly runtime: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly podUid: string;
}

export interface ContainerBookOptions {
  readonly places?: StatePlaces;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

interface Entry {
  facts: ContainerFacts;
  /** When to look again; infinite once the runtime has told. */
  lookAt: number;
  /** Process that was looked at last, and how many were. */
  pid: number;
  pids: number;
  wait: number;
}

const MAX_KNOWN = { entries: 4096, bytes: 4 << 20 };
/** Names come from others, who may write anything. */
const MAX_LENGTH = 1024;
/** runc writes its state when its own first process already runs in the container's cgroup. */
const FIRST_WAIT_MS = 50;
const LAST_WAIT_MS = 100_000;
/** The first processes of a container are the runtime's own, and gone when they are looked at. */
const MAX_PIDS = 16;
/** Of Node’s four threads for files, so many may hang on what users have mounted. */
const MAX_LATE = 2;

/**
 * What containers are called. A runtime's state is read once, in the stream, when the first row of a
 * container passes, so that rows have names from the first one, and keep them when the container
 * is gone. Where nothing is found it is looked for again, at once for the first few processes, then
 * each time four times later.
 */
export class ContainerBook {
  readonly #places: StatePlaces;
  readonly #now: () => number;
  readonly #known = new BoundedMap<string, Entry>('container_names', MAX_KNOWN, textOf);
  readonly #late = new Set<number>();

  constructor({ places, now }: ContainerBookOptions = {}) {
    this.#places = places ?? { root: '', proc: '/proc' };
    this.#now = now ?? Date.now;
  }

  /** @param pid a process of the container, which may have gone */
  factsOf(container: Container, pid: number): ContainerFacts {
    // A cgroup below a user's session may be named after anybody's container.
    const key = container.cgroup;
    let entry = this.#known.get(key);
    if (entry === undefined) {
      entry = {
        ...{ facts: factsOf(container, {}), lookAt: 0, pid: 0, pids: 0, wait: FIRST_WAIT_MS },
      };
      this.#known.set(key, entry);
    }
    if (entry.lookAt === Number.POSITIVE_INFINITY) return entry.facts;
    const now = this.#now();
    const another = pid !== entry.pid && entry.pids < MAX_PIDS;
    if (another || now >= entry.lookAt) this.#look(entry, container, pid, now);
    return entry.facts;
  }

  #look(entry: Entry, container: Container, pid: number, now: number): void {
    const found = resolveNames(container, pid, this.#places);
    if (found !== undefined) this.#learn(entry, container, found);
    if (entry.facts.name !== '' || entry.wait > LAST_WAIT_MS) {
      entry.lookAt = Number.POSITIVE_INFINITY;
      return;
    }
    entry.pid = pid;
    entry.pids++;
    if (now < entry.lookAt) return;
    entry.lookAt = now + entry.wait;
    entry.wait *= 4;
    void this.#lookLate(entry, container);
  }

  #learn(entry: Entry, container: Container, found: ContainerNames): void {
    entry.facts = factsOf(container, found);
    // Once more, with what it takes now.
    this.#known.set(container.cgroup, entry);
  }

  async #lookLate(entry: Entry, container: Container): Promise<void> {
    const owner = ownerOf(container) ?? 0;
    if (this.#late.has(owner) || this.#late.size >= MAX_LATE) return;
    this.#late.add(owner);
    try {
      const found = await lateNames(container, this.#places);
      if (found === undefined) return;
      this.#learn(entry, container, found);
      entry.lookAt = Number.POSITIVE_INFINITY;
    } finally {
      this.#late.delete(owner);
    }
  }
}

/** Bytes of text, two for each character at most. */
function textOf(cgroup: string, { facts }: Entry): number {
  return Object.values(facts).reduce((sum, text) => sum + 2 * text.length, 2 * cgroup.length);
}

function factsOf(container: Container, found: ContainerNames): ContainerFacts {
  const { id, runtime, podUid } = container;
  const told = runtime === 'unknown' || runtime === 'kubernetes' ? '' : runtime;
  const cut = (text: string | undefined) => text?.slice(0, MAX_LENGTH) ?? '';
  return {
    id,
    name: cut(found.name),
    image: cut(found.image),
    runtime: told || cut(found.runtime),
    podName: cut(found.podName),
    podNamespace: cut(found.podNamespace),
    podUid: podUid || cut(found.podUid),
  };
}

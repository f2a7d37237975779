import type { CacheState } from '../native/sensor.ts';

/** What an entry takes beside its text, in bytes: the map's place, objects, pointers. */
const ENTRY_BYTES = 160;

/** The youngest map of each name: the one that is in use. */
const youngest = new Map<string, BoundedMap<unknown, unknown>>();

/** What the bounded maps of this process hold. */
export const boundedMaps = (): CacheState[] => [...youngest.values()].map((map) => map.state());

/**
 * A map that is bounded in entries and in bytes. What was set longest ago makes room, and is counted.
 */
export class BoundedMap<K, V> {
  readonly #name: string;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #textOf: (key: K, value: V) => number;
  readonly #entries = new Map<K, { readonly value: V; readonly bytes: number }>();
  #bytes = 0;
  #evicted = 0;

  /** @param textOf bytes of an entry's text and of what else grows with it */
  constructor(
    name: string,
    limits: { readonly entries: number; readonly bytes: number },
    textOf: (key: K, value: V) => number,
  ) {
    this.#name = name;
    this.#maxEntries = limits.entries;
    this.#maxBytes = limits.bytes;
    this.#textOf = textOf;
    youngest.set(name, this as unknown as BoundedMap<unknown, unknown>);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Makes the entry the youngest. One that is larger than all the room is not kept. */
  set(key: K, value: V): V {
    this.delete(key);
    const bytes = ENTRY_BYTES + this.#textOf(key, value);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
      this.#evicted++;
    }
    return value;
  }

  delete(key: K): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  state(): CacheState {
    return {
      name: this.#name,
      entries: this.size,
      bytes: this.#bytes,
      max_bytes: this.#maxBytes,
      evicted: this.#evicted,
    };
  }
}

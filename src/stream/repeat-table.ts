/**
 * Things seen within the debounce window, by their 64-bit identity: a ring in order of first sight,
 * so that the oldest is always at its head, and a hash index over it.
 *
 *     ring     [ . . oldest | . | . | newest . . ]     window ends grow from oldest to newest
 *     buckets  open addressing, entry = place in ring + 1, 0 = free
 *
 * Numbers lie in typed arrays, 64-bit ones as two halves (low word first): a flood of distinct
 * things must cost neither objects nor bigints. Identities are keyed hashes, so that their low word
 * is a fair bucket and nobody outside can aim for collisions.
 */
export class RepeatTable {
  readonly capacity: number;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #buckets: Uint32Array;
  readonly #bucketMask: number;
  #head = 0;
  #size = 0;

  /** When the window of a place ends, in the scheduler's milliseconds. */
  readonly ends: Float64Array;
  /** Repeats that wait in a place for their summary. */
  readonly rows: Uint32Array;
  /** What their count columns add up to. */
  readonly counts: Uint32Array;
  /** Where the keeper holds the row that the summary is made of; valid while rows > 0. */
  readonly slots: Uint32Array;
  readonly firstTimes: Uint32Array; // halves
  readonly lastTimes: Uint32Array; // halves
  readonly opIds: Uint32Array; // halves

  constructor(capacity: number) {
    this.capacity = capacity;
    const buckets = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#buckets = new Uint32Array(buckets);
    this.#bucketMask = buckets - 1;
    this.#low = new Uint32Array(capacity);
    this.#high = new Uint32Array(capacity);
    this.ends = new Float64Array(capacity);
    this.rows = new Uint32Array(capacity);
    this.counts = new Uint32Array(capacity);
    this.slots = new Uint32Array(capacity);
    this.firstTimes = new Uint32Array(capacity * 2);
    this.lastTimes = new Uint32Array(capacity * 2);
    this.opIds = new Uint32Array(capacity * 2);
  }

  get size(): number {
    return this.#size;
  }

  /** Place of the oldest; -1 when the table is empty. */
  get oldest(): number {
    return this.#size === 0 ? -1 : this.#head;
  }

  /** The place that came after this one; -1 after the newest. */
  next(place: number): number {
    const after = place + 1 === this.capacity ? 0 : place + 1;
    const newest = (this.#head + this.#size - 1) % this.capacity;
    return place === newest ? -1 : after;
  }

  /** Place of an identity, or -1. */
  find(low: number, high: number): number {
    let bucket = low & this.#bucketMask;
    for (;;) {
      const place = (this.#buckets[bucket] as number) - 1;
      if (place < 0) return -1;
      if (this.#low[place] === low && this.#high[place] === high) return place;
      bucket = (bucket + 1) & this.#bucketMask;
    }
  }

  /** Adds an identity that is not in the table. The table must not be full. */
  add(low: number, high: number, end: number): number {
    let place = this.#head + this.#size;
    if (place >= this.capacity) place -= this.capacity;
    this.#size++;
    this.#low[place] = low;
    this.#high[place] = high;
    this.ends[place] = end;
    this.rows[place] = 0;
    this.counts[place] = 0;
    let bucket = low & this.#bucketMask;
    while (this.#buckets[bucket] !== 0) bucket = (bucket + 1) & this.#bucketMask;
    this.#buckets[bucket] = place + 1;
    return place;
  }

  removeOldest(): void {
    const place = this.#head;
    let hole = (this.#low[place] as number) & this.#bucketMask;
    while (this.#buckets[hole] !== place + 1) hole = (hole + 1) & this.#bucketMask;
    this.#close(hole);
    this.#head = place + 1 === this.capacity ? 0 : place + 1;
    this.#size--;
  }

  /** Moves later entries of the probe sequence back, so that no search stops at the hole. */
  #close(free: number): void {
    let hole = free;
    let bucket = hole;
    for (;;) {
      bucket = (bucket + 1) & this.#bucketMask;
      const entry = this.#buckets[bucket] as number;
      if (entry === 0) break;
      const home = (this.#low[entry - 1] as number) & this.#bucketMask;
      const fromHome = (bucket - home) & this.#bucketMask;
      const fromHole = (bucket - hole) & this.#bucketMask;
      if (fromHome < fromHole) continue;
      this.#buckets[hole] = entry;
      hole = bucket;
    }
    this.#buckets[hole] = 0;
  }
}

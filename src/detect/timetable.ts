/** Longest interval, seconds. */
const MAX_INTERVAL = 604_800;

/** An interval moved by up to `percent` either way, so that queries and hosts do not march in step. */
export function splay(interval: number, percent: number, random: () => number): number {
  const difference = Math.floor((interval * percent) / 100);
  const moved = interval - difference + Math.floor(random() * (2 * difference + 1));
  return Math.min(MAX_INTERVAL, Math.max(1, moved));
}

/** When something with this interval is due: at whole multiples of it, as in osquery. */
export class DueTime {
  readonly #interval: number;
  #next: number;

  /** @param now seconds since 1970 */
  constructor(interval: number, now: number) {
    this.#interval = interval;
    this.#next = this.#following(now);
  }

  get next(): number {
    return this.#next;
  }

  /** A moment that was missed is due once. A clock set back does not stop the schedule. */
  isDue(now: number): boolean {
    if (this.#next - now > this.#interval) this.#next = this.#following(now);
    return now >= this.#next;
  }

  done(now: number): void {
    this.#next = this.#following(now);
  }

  soon(now: number): void {
    this.#next = now + 1;
  }

  #following(now: number): number {
    return (Math.floor(now / this.#interval) + 1) * this.#interval;
  }
}

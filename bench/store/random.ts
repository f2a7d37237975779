/** Pseudo-random numbers that are the same for the same seed, on every machine (xorshift128). */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, seed ^ 0x9e3779b9, 0x243f6a88, 0xb7e15162);
    for (let i = 0; i < 16; i++) this.word();
  }

  /** 32 random bits. */
  word(): number {
    const state = this.#state;
    let t = state[3] as number;
    t ^= t << 11;
    t ^= t >>> 8;
    const first = state[0] as number;
    state.copyWithin(1, 0, 3);
    state[0] = t ^ first ^ (first >>> 19);
    return state[0] as number;
  }

  /** 0 <= x < 1 */
  fraction(): number {
    return this.word() / 2 ** 32;
  }

  /** 0 <= x < n, every one as likely. */
  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  /** 0 <= x < n, small ones far more often: the way in which files and commands are used. */
  skewed(n: number): number {
    return Math.floor(this.fraction() ** 3 * n);
  }

  /** Waiting times of independent events. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }

  /** A signed 64-bit id. */
  id(): bigint {
    return BigInt.asIntN(64, (BigInt(this.word()) << 32n) | BigInt(this.word()));
  }
}

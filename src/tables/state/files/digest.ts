/** Hashes of files, kept while the file stays as it was. */
import { createHash, type Hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

export const ALGORITHMS = ['md5', 'sha1', 'sha256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type Digests = Partial<Record<Algorithm, string>>;

const KEPT = 20_000;
/** A change within the clock's tick of the last one leaves the same times behind. */
const SETTLED_NS = 2_000_000_000n;

/** By file and state of it; per thread. */
const cache = new Map<string, Digests>();

/** ctime too: mtime can be set back, ctime cannot. */
function keyOf(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

export interface Opened {
  stat(): BigIntStats;
  /** The next bytes; none at the end. */
  read(): Uint8Array;
}

/** @param wanted those that are asked for; more may come from the cache */
export function digests(
  file: Opened,
  wanted: readonly Algorithm[],
  checkpoint: () => void,
): Digests {
  const before = file.stat();
  const key = keyOf(before);
  const known = cache.get(key);
  if (known !== undefined && wanted.every((algorithm) => known[algorithm] !== undefined)) {
    return known;
  }
  const hashes = wanted.map((algorithm): [Algorithm, Hash] => [algorithm, createHash(algorithm)]);
  for (let bytes = file.read(); bytes.length > 0; bytes = file.read()) {
    checkpoint();
    for (const [, hash] of hashes) hash.update(bytes);
  }
  const made: Digests = { ...known };
  for (const [algorithm, hash] of hashes) made[algorithm] = hash.digest('hex');
  const after = file.stat();
  const settled = BigInt(Date.now()) * 1_000_000n - after.ctimeNs > SETTLED_NS;
  if (keyOf(after) === key && settled) keep(key, made);
  return made;
}

function keep(key: string, made: Digests): void {
  cache.delete(key);
  cache.set(key, made);
  // The oldest goes: Map keeps the order of insertion.
  if (cache.size > KEPT) cache.delete(cache.keys().next().value as string);
}

/** Hashes of files, kept while the file stays as it was. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { native } from '../../../native/addon.ts';
import type { OpenFile } from '../../host/host.ts';

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

/** From here on a thread for each algorithm is worth it. */
const LARGE = 8 << 20;

/** @param wanted those that are asked for; more may come from the cache */
export function digests(
  file: OpenFile,
  wanted: readonly Algorithm[],
  checkpoint: () => void,
): Digests {
  const before = file.stat();
  const key = keyOf(before);
  const known = cache.get(key);
  const missing = wanted.filter((algorithm) => known?.[algorithm] === undefined);
  if (known !== undefined && missing.length === 0) return known;
  const size = Number(before.size);
  const values =
    missing.length > 1 && size >= LARGE
      ? inThreads(file.fd, size, missing, checkpoint)
      : inTurn(file, missing, checkpoint);
  const made: Digests = { ...known };
  for (const [i, algorithm] of missing.entries()) made[algorithm] = values[i] as string;
  const after = file.stat();
  const settled = BigInt(Date.now()) * 1_000_000n - after.ctimeNs > SETTLED_NS;
  if (keyOf(after) === key && settled) keep(key, made);
  return made;
}

function inTurn(
  file: OpenFile,
  algorithms: readonly Algorithm[],
  checkpoint: () => void,
): readonly string[] {
  const hashes = algorithms.map((algorithm) => createHash(algorithm));
  for (let bytes = file.read(); bytes.length > 0; bytes = file.read()) {
    checkpoint();
    for (const hash of hashes) hash.update(bytes);
  }
  return hashes.map((hash) => hash.digest('hex'));
}

function inThreads(
  fd: number,
  size: number,
  algorithms: readonly Algorithm[],
  checkpoint: () => void,
): readonly string[] {
  const begun = native.tables.beginDigests(fd, size, algorithms);
  try {
    for (;;) {
      const values = native.tables.readDigests(begun);
      if (values !== undefined) return values;
      checkpoint();
    }
  } finally {
    native.tables.endDigests(begun);
  }
}

function keep(key: string, made: Digests): void {
  cache.delete(key);
  cache.set(key, made);
  // The oldest goes: Map keeps the order of insertion.
  if (cache.size > KEPT) cache.delete(cache.keys().next().value as string);
}

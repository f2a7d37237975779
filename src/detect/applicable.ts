import { createHash } from 'node:crypto';
import { forPlatform } from '../config/platform.ts';
import { OSQUERY_VERSION } from '../config/version.ts';

export interface Applies {
  readonly platform?: string | undefined;
  readonly version?: string | undefined;
  readonly shard?: number | undefined;
}

/** Whether a pack or query is meant for this host. */
export function isApplicable(what: Applies, hostname: string): boolean {
  return (
    forPlatform(what.platform) &&
    (what.version === undefined || compareVersions(OSQUERY_VERSION, what.version) >= 0) &&
    (what.shard === undefined || what.shard >= shardOf(hostname))
  );
}

/** Percentage that a host falls into, as osquery computes it. */
export function shardOf(hostname: string): number {
  const first = createHash('sha1').update(hostname).digest()[0] ?? 0;
  return Math.floor((first * 100) / 255);
}

/** Negative, zero or positive; missing parts are 0, text after the digits of a part is ignored. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10) || 0),
  ) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

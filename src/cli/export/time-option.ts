import { WeirError } from '../../config/errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const RELATIVE = /^(\d{1,9})([smhdw])$/;
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * A moment from the command line: so long ago (90s, 15m, 1h, 7d, 2w), or ISO 8601, local time
 * unless it names a zone.
 *
 * @param now milliseconds since 1970
 * @returns nanoseconds since 1970
 * @throws WeirError USAGE (64)
 */
export function parseTime(flag: string, text: string, now: number = Date.now()): bigint {
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const [, count = '', unit = ''] = relative;
    return BigInt(now - Number(count) * (UNIT_MS[unit] as number)) * 1_000_000n;
  }
  // Alone, JavaScript takes a date for UTC, but a date with a time for local.
  const full = text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T');
  const ms = ISO.test(text) ? Date.parse(full) : Number.NaN;
  if (Number.isNaN(ms)) {
    const forms = 'such as 1h or 7d ago, or ISO 8601 such as 2026-11-21T08:00:00Z';
    throw new WeirError('USAGE', `--${flag} takes a time ${forms}, not ${text}`, { exitCode: 64 });
  }
  return BigInt(ms) * 1_000_000n;
}

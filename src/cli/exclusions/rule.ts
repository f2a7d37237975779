import { statSync } from 'node:fs';
import { WeirError } from '../../config/errors.ts';
import { type Invocation, isSet, text } from '../command.ts';

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

type Fields = Record<string, unknown>;

/** Flags and the keys of a rule that they set, as they are written there. */
const TEXTS: Readonly<Record<string, string>> = {
  id: 'id',
  scope: 'scope',
  path: 'path',
  extension: 'extension',
  executable: 'executable',
  tree: 'tree',
  user: 'user',
  cgroup: 'cgroup',
  container: 'container',
  address: 'address',
  query: 'query',
  reason: 'reason',
};
const NUMBERS: Readonly<Record<string, string>> = { uid: 'uid', port: 'port' };
const LISTS: Readonly<Record<string, string>> = { actions: 'actions', tables: 'tables' };

const SPANS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * The rule that flags and a JSON argument describe; whoever takes it checks it.
 *
 * @param now seconds since 1970
 * @throws WeirError USAGE (64)
 */
export function ruleOf(invocation: Invocation, json: string | undefined, now: number): Fields {
  const rule: Fields = json === undefined ? {} : parsed(json);
  for (const [flag, key] of Object.entries(TEXTS)) set(rule, key, text(invocation, flag));
  for (const [flag, key] of Object.entries(NUMBERS)) {
    const given = text(invocation, flag);
    if (given !== undefined && !/^\d{1,10}$/.test(given)) {
      throw usage(`--${flag} takes a number, not ${given}`);
    }
    set(rule, key, given === undefined ? undefined : Number(given));
  }
  for (const [flag, key] of Object.entries(LISTS))
    set(rule, key, text(invocation, flag)?.split(','));
  const space = text(invocation, 'mount-namespace');
  set(rule, 'mount_namespace', /^\d+$/.test(space ?? '') ? Number(space) : space);
  set(rule, 'executable_file', fileId(text(invocation, 'executable-file')));
  set(rule, 'expires', moment(text(invocation, 'expires'), now));
  if (isSet(invocation, 'force')) rule.force = true;
  if (Object.keys(rule).length === 0) throw usage('exclusions add: say what to exclude');
  return rule;
}

function set(rule: Fields, key: string, value: unknown): void {
  if (value !== undefined) rule[key] = value;
}

function parsed(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
  } catch {
    // Said below.
  }
  throw usage(
    `exclusions add takes flags, or a rule such as '{"path": "/var/cache/"}'; not ${json}`,
  );
}

/** The file itself, however it is called later: device and inode. */
function fileId(path: string | undefined): string | undefined {
  if (path === undefined || /^\d+:\d+:\d+$/.test(path)) return path;
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    // As glibc packs both into st_dev.
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
    const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
    return `${major}:${minor}:${ino}`;
  } catch (cause) {
    throw usage(`--executable-file: ${(cause as Error).message}`);
  }
}

/** A span from now on (1h, 7d), or a time. */
function moment(given: string | undefined, now: number): string | number | undefined {
  const [, amount, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(given ?? '') ?? [];
  if (amount !== undefined) return Math.floor(now) + Number(amount) * (SPANS[unit] as number);
  return /^\d{9,}$/.test(given ?? '') ? Number(given) : given;
}

/** A rule as words for a shell, so that it can be pasted. */
export function addLine(rule: Readonly<Record<string, unknown>>, places = ''): string {
  const words = Object.entries(rule).map(([key, value]) => {
    const flag = `--${key.replaceAll('_', '-')}`;
    return `${flag} ${quoted(Array.isArray(value) ? value.join(',') : String(value))}`;
  });
  return `weir exclusions add ${words.join(' ')}${places}`;
}

/** A word of a POSIX shell; control characters as bash, zsh and ksh read them, on one line. */
export function quoted(word: string): string {
  if (/^[A-Za-z0-9_/.,:@%+=-]+$/.test(word)) return word;
  if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const bytes = [...new TextEncoder().encode(word)].map((byte) => {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c;
    return plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `$'${bytes.join('')}'`;
}

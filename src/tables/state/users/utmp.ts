import type { Host } from '../../host/host.ts';

/** A record of utmp or wtmp. */
export interface LoginRecord {
  readonly type: number;
  readonly pid: number;
  readonly tty: string;
  readonly user: string;
  readonly host: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** struct utmp of glibc, the same on 32-bit and 64-bit: see utmp(5). */
export const LOGIN_RECORD_SIZE = 384;
const TYPE = 0;
const PID = 4;
const LINE = [8, 32] as const;
const USER = [44, 32] as const;
const HOST = [76, 256] as const;
const SECONDS = 340;

/** By ut_type. */
export const LOGIN_TYPES = [
  'empty',
  'runlevel',
  'boot_time',
  'new_time',
  'old_time',
  'init',
  'login',
  'user',
  'dead',
  'accounting',
];

/** wtmp is rotated monthly; this is a million records. */
const LIMIT = { limit: LOGIN_RECORD_SIZE << 20 };

export function* loginRecords(host: Host, path: string): Iterable<LoginRecord> {
  const bytes = host.bytes(path, LIMIT);
  if (bytes === undefined) return;
  for (let at = 0; at + LOGIN_RECORD_SIZE <= bytes.length; at += LOGIN_RECORD_SIZE) {
    yield loginRecord(bytes, at);
  }
}

/** The record that begins there. */
export function loginRecord(bytes: Buffer, at: number): LoginRecord {
  const text = ([offset, size]: readonly [number, number]): string => {
    const field = bytes.subarray(at + offset, at + offset + size);
    const nul = field.indexOf(0);
    return field.subarray(0, nul < 0 ? size : nul).toString();
  };
  return {
    type: bytes.readInt16LE(at + TYPE),
    pid: bytes.readInt32LE(at + PID),
    tty: text(LINE),
    user: text(USER),
    host: text(HOST),
    time: bytes.readInt32LE(at + SECONDS),
  };
}

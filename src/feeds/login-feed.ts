import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { LOGIN_RECORD_SIZE, type LoginRecord, loginRecord } from '../tables/state/users/utmp.ts';
import { USER_LOGIN, USER_LOGOUT } from './audit-types.ts';
import type { Feed, FeedSink, HostRow } from './feed.ts';

/** Logins are minutes apart; looking is a stat of each file. */
const EVERY_MS = 1000;
const LOGIN_PROCESS = 6;
const USER_PROCESS = 7;
const DEAD_PROCESS = 8;
/** Of one look at one file: a flood of failed logins is taken in pieces. */
const AT_ONCE = 1024;

/** A file that grows by records of utmp(5), and is renamed and made anew now and then. */
class LoginFile {
  readonly #path: string;
  #fd = -1;
  #inode = 0n;
  #position = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** @param fromEnd what is there already is no news */
  open(fromEnd: boolean): void {
    try {
      this.#fd = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
      const { ino, size } = fstatSync(this.#fd, { bigint: true });
      this.#inode = ino;
      const whole = Number(size) - (Number(size) % LOGIN_RECORD_SIZE);
      this.#position = fromEnd ? whole : 0;
    } catch {
      this.close();
    }
  }

  /** Records since the last call. */
  *news(): Iterable<LoginRecord> {
    yield* this.#rest();
    const there = this.#inodeOfPath();
    if (there === undefined || (this.#fd >= 0 && there === this.#inode)) return;
    // Another file has the name now; the old one was read to its end.
    this.close();
    this.open(false);
    yield* this.#rest();
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  *#rest(): Iterable<LoginRecord> {
    if (this.#fd < 0) return;
    const bytes = Buffer.alloc(LOGIN_RECORD_SIZE);
    // Cut to nothing and written anew (copytruncate).
    if (fstatSync(this.#fd).size < this.#position) this.#position = 0;
    for (let n = 0; n < AT_ONCE; n++) {
      const read = readSync(this.#fd, bytes, 0, LOGIN_RECORD_SIZE, this.#position);
      if (read < LOGIN_RECORD_SIZE) return;
      this.#position += LOGIN_RECORD_SIZE;
      yield loginRecord(bytes, 0);
    }
  }

  #inodeOfPath(): bigint | undefined {
    try {
      return statSync(this.#path, { bigint: true }).ino;
    } catch {
      return undefined;
    }
  }
}

/** Logins and logouts from wtmp, failed logins from btmp; for hosts where audit is off. */
export class LoginFeed implements Feed {
  readonly name = 'logins';
  readonly #files: readonly (readonly [source: 'wtmp' | 'btmp', LoginFile])[];
  #timer: NodeJS.Timeout | undefined;
  #sink: FeedSink | undefined;

  /** @param folder for tests */
  constructor(folder = '/var/log') {
    this.#files = (['wtmp', 'btmp'] as const).map((name) => [
      name,
      new LoginFile(`${folder}/${name}`),
    ]);
  }

  start(sink: FeedSink): string {
    this.#sink = sink;
    for (const [, file] of this.#files) file.open(true);
    this.#timer = setInterval(() => this.drain(), EVERY_MS).unref();
    return '';
  }

  drain(): void {
    for (const [source, file] of this.#files) {
      try {
        for (const record of file.news()) {
          const row = loginRow(source, record);
          if (row !== undefined) this.#sink?.emit(row);
        }
      } catch (error) {
        this.#sink?.warn(this.name, `${source} cannot be read: ${(error as Error).message}`);
      }
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.drain();
    for (const [, file] of this.#files) file.close();
  }
}

/** As audit would say it; undefined for records that are no login or logout. */
export function loginRow(source: 'wtmp' | 'btmp', record: LoginRecord): HostRow | undefined {
  const { type, pid, tty, user, host, time } = record;
  const failed = source === 'btmp';
  const login = failed ? type === USER_PROCESS || type === LOGIN_PROCESS : type === USER_PROCESS;
  if (!login && (failed || type !== DEAD_PROCESS)) return undefined;
  // Who types a name chooses its characters: as in audit records, quotes cannot end it.
  const account = /^[\x20-\x7e]*$/.test(user) && !user.includes('"') ? `"${user}"` : hex(user);
  const op = login ? 'login' : 'logout';
  return {
    topic: 'user',
    source,
    time_ns: BigInt(time) * 1_000_000_000n,
    number: login ? USER_LOGIN : USER_LOGOUT,
    type: login ? 'USER_LOGIN' : 'USER_LOGOUT',
    message: `op=${op} acct=${account} res=${failed ? 'failed' : 'success'}`,
    pid: Math.max(pid, 0),
    address: host,
    terminal: tty,
  };
}

const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();

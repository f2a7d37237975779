import { readFileSync, statSync } from 'node:fs';

const LOOK_EVERY_MS = 1000;

/**
 * User names of the host's passwd file, read again when the file changes; it is looked at once a
 * second at most. Users of directory services (NSS) are not in it: their rows have no username.
 */
export class UserNames {
  readonly #file: string;
  readonly #now: () => number;
  #stamp = '';
  #lookedAt = Number.NEGATIVE_INFINITY;
  #names = new Map<number, string>();
  #ids = new Map<string, number>();

  constructor(file = '/etc/passwd', now: () => number = Date.now) {
    this.#file = file;
    this.#now = now;
  }

  nameOf(uid: number): string | undefined {
    this.#refresh();
    return this.#names.get(uid);
  }

  idOf(name: string): number | undefined {
    this.#refresh();
    return this.#ids.get(name);
  }

  #refresh(): void {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    try {
      const { mtimeNs, ino, size } = statSync(this.#file, { bigint: true });
      const stamp = `${mtimeNs} ${ino} ${size}`;
      if (stamp === this.#stamp) return;
      this.#read(readFileSync(this.#file, 'utf8'));
      this.#stamp = stamp;
    } catch {
      // Replaced at this moment, or unreadable: what is known stays until the next look.
    }
  }

  #read(text: string): void {
    const names = new Map<number, string>();
    const ids = new Map<string, number>();
    for (const line of text.split('\n')) {
      const [name, , digits] = line.split(':');
      if (name === undefined || !/^\d{1,10}$/.test(digits ?? '')) continue;
      const uid = Number(digits);
      // Several names may share a uid (toor); getpwuid gives the first.
      if (!names.has(uid)) names.set(uid, name);
      if (!ids.has(name)) ids.set(name, uid);
    }
    this.#names = names;
    this.#ids = ids;
  }
}

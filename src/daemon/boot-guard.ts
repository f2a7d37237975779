import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** A host that lives so long with the programs attached does not die of them. */
const SAFE_MS = 60_000;
const FILE = 'attach-guard.json';

const marker = z.object({
  boot_id: z.string(),
  kernel: z.string(),
  attached: z.string(), // ISO time
  tripped: z.boolean(),
});
type Marker = z.infer<typeof marker>;

export interface ThisBoot {
  readonly bootId: string;
  /** As `uname -r` says it. */
  readonly kernel: string;
}

/**
 * Remembers across a crash of the host that eBPF programs had just been attached. The marker is
 * durable before they are, and taken away after a minute or when they are detached; one that
 * another boot left says that the host did not live to see that.
 */
export class BootGuard {
  readonly #path: string;
  readonly #stateDir: string;
  readonly #boot: ThisBoot;
  #timer: NodeJS.Timeout | undefined;

  constructor(stateDir: string, boot: ThisBoot) {
    this.#path = join(stateDir, FILE);
    this.#stateDir = stateDir;
    this.#boot = boot;
  }

  /**
   * Why eBPF is not to be attached; undefined: it may be. Holds for every start until it is cleared
   * or another kernel runs.
   */
  tripped(): string | undefined {
    const reason = this.reason();
    const left = reason === undefined ? undefined : this.#read();
    if (typeof left === 'object' && !left.tripped) this.#write({ ...left, tripped: true });
    return reason;
  }

  /** As `tripped`, and changes nothing: for whoever only wants to know. */
  reason(): string | undefined {
    const left = this.#read();
    if (left === undefined) return undefined;
    if (left === 'damaged') {
      return `the host went down while ${this.#path} was written, or the file is damaged`;
    }
    if (left.kernel !== this.#boot.kernel) return undefined;
    // The daemon died then, not the host.
    if (!left.tripped && left.boot_id === this.#boot.bootId) return undefined;
    return `the host went down within a minute of attaching eBPF programs at ${left.attached}`;
  }

  /** Call before attaching. @throws when the state directory cannot be written */
  arm(): void {
    this.#write({
      boot_id: this.#boot.bootId,
      kernel: this.#boot.kernel,
      attached: new Date().toISOString(),
      tripped: false,
    });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.disarm(), SAFE_MS).unref();
  }

  /** The programs are detached, or have been there long enough. Does nothing when not armed. */
  disarm(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    rmSync(this.#path, { force: true });
  }

  /** Lets eBPF be tried again. Returns whether there was anything to clear. */
  static clear(stateDir: string): boolean {
    const path = join(stateDir, FILE);
    try {
      rmSync(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  #read(): Marker | 'damaged' | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return marker.parse(JSON.parse(text));
    } catch {
      return 'damaged';
    }
  }

  #write(content: Marker): void {
    const fresh = `${this.#path}.new`;
    const fd = openSync(fresh, 'w', 0o600);
    try {
      writeSync(fd, `${JSON.stringify(content)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, this.#path);
    const folder = openSync(this.#stateDir, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

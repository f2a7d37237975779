import { native } from '../native/addon.ts';
import type { NativeDatagram } from '../native/net.ts';

/** What is asked for at a time: longer than the verifier blocks the event loop on a slow host. */
const MORE_TIME_MS = 300_000;
const ASK_AGAIN_MS = 10_000;
/** What takes longer hangs: then the service manager may end it. A stop holds up a reboot. */
const PATIENCE_MS = { start: 900_000, stop: 180_000 } as const;

/** Tells systemd how the daemon is, as sd_notify(3) does; without systemd it does nothing. */
export class ServiceManager {
  readonly #socket: NativeDatagram | null;
  #beating: NodeJS.Timeout | undefined;
  #asking: NodeJS.Timeout | undefined;

  /** `environment`: NOTIFY_SOCKET and WATCHDOG_USEC are what systemd sets. */
  constructor(environment: NodeJS.ProcessEnv = process.env) {
    const path = environment.NOTIFY_SOCKET;
    // "@" stands for the NUL of an abstract name.
    this.#socket = path ? native.openDatagram(path.replace(/^@/, '\0')) : null;
    const period = Number(environment.WATCHDOG_USEC) / 1000;
    const mine = environment.WATCHDOG_PID ?? String(process.pid);
    if (this.#socket === null || !(period > 0) || mine !== String(process.pid)) return;
    // From the event loop: a main thread that hangs is what the watchdog is for.
    this.#beating = setInterval(() => this.#send('WATCHDOG=1'), period / 3).unref();
  }

  /**
   * The unit's time is for usual hosts: a slow one asks for more while it works. `patience`:
   * milliseconds that it asks for at most.
   */
  starting(patience: number = PATIENCE_MS.start): void {
    this.#askForTime(patience);
  }

  ready(status: string): void {
    clearInterval(this.#asking);
    this.#send(`READY=1\nSTATUS=${status}`);
  }

  stopping(): void {
    this.#send('STOPPING=1');
    this.#askForTime(PATIENCE_MS.stop);
  }

  close(): void {
    clearInterval(this.#beating);
    clearInterval(this.#asking);
    this.#socket?.close();
  }

  #askForTime(patience: number): void {
    clearInterval(this.#asking);
    if (this.#socket === null) return;
    const last = performance.now() + patience;
    const ask = (): void => {
      const left = Math.min(MORE_TIME_MS, last - performance.now());
      if (left > 0) this.#send(`EXTEND_TIMEOUT_USEC=${Math.ceil(left * 1000)}`);
      else clearInterval(this.#asking);
    };
    this.#asking = setInterval(ask, ASK_AGAIN_MS).unref();
    ask();
  }

  /** A service manager that does not listen is no reason to stop watching. */
  #send(message: string): void {
    this.#socket?.send(Buffer.from(message));
  }
}

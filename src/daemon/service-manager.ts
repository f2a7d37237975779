import { type NativeDatagram, native } from '../sensor/native.ts';

/** Tells systemd how the daemon is, as sd_notify(3) does; without systemd it does nothing. */
export class ServiceManager {
  readonly #socket: NativeDatagram | null;
  #beating: NodeJS.Timeout | undefined;

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

  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${status}`);
  }

  stopping(): void {
    this.#send('STOPPING=1');
  }

  close(): void {
    clearInterval(this.#beating);
    this.#socket?.close();
  }

  /** A service manager that does not listen is no reason to stop watching. */
  #send(message: string): void {
    this.#socket?.send(Buffer.from(message));
  }
}

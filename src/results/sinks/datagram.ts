import { setTimeout as sleep } from 'node:timers/promises';
import { native } from '../../native/addon.ts';
import type { NativeDatagram } from '../../native/net.ts';

const FULL_WAIT_MS = 5;

/** Sends to a Unix datagram socket, waiting while its receiver is behind. */
export class Datagram {
  readonly #path: string;
  readonly #socket: NativeDatagram;

  constructor(path: string) {
    this.#path = path;
    this.#socket = native.openDatagram(path);
  }

  /**
   * Rejects when nobody listens, or after an abort. Resolves false when the message is too large
   * for a datagram.
   */
  async send(message: Uint8Array, signal: AbortSignal): Promise<boolean> {
    return (await this.#until(() => this.#socket.send(message), signal)) !== 'EMSGSIZE';
  }

  /** Any size, as journald takes it. */
  async sendInFile(message: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#until(() => this.#socket.sendInFile(message), signal);
  }

  close(): void {
    this.#socket.close();
  }

  async #until(send: () => string, signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const error = send();
      if (error === '' || error === 'EMSGSIZE') return error;
      if (error !== 'EAGAIN' && error !== 'ENOBUFS') throw new Error(`${this.#path}: ${error}`);
      await sleep(FULL_WAIT_MS, undefined, { signal });
    }
  }
}

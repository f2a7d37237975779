/**
 * HTTP over a Unix socket for tables, which must not wait for promises: a thread asks, and this one
 * waits for it.
 */
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';

export interface SocketQuestion {
  readonly id: number;
  readonly socket: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** status 0: there was none, and body says why. */
export interface SocketAnswer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT = 15_000;
/** How long a query that is to stop goes on waiting. */
const SLICE = 100;
/** The thread's own limit is the rule; this is for a thread that hangs. */
const GRACE = 5000;

class SocketThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  #asked = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(new URL('./socket-worker.ts', import.meta.url), {
      name: 'weir-socket',
      workerData: { port: port2, signal: this.#signal },
      transferList: [port2],
    });
    // Without an answer in time the wait ends; nobody else has to know.
    this.#worker.on('error', () => {});
    this.#worker.unref();
    this.#port.unref();
  }

  ask(socket: string, path: string, checkpoint: () => void): SocketAnswer {
    const id = ++this.#asked;
    const end = Date.now() + TIMEOUT + GRACE;
    let seen = Atomics.load(this.#signal, 0);
    this.#port.postMessage({ id, socket, path, timeout: TIMEOUT } satisfies SocketQuestion);
    while (Date.now() < end) {
      Atomics.wait(this.#signal, 0, seen, SLICE);
      seen = Atomics.load(this.#signal, 0);
      for (
        let got = receiveMessageOnPort(this.#port);
        got !== undefined;
        got = receiveMessageOnPort(this.#port)
      ) {
        // Answers to what a stopped query asked come late.
        const message = got.message as { readonly id: number; readonly answer: SocketAnswer };
        if (message.id === id) return message.answer;
      }
      checkpoint();
    }
    void this.#worker.terminate();
    thread = undefined;
    return { status: 0, body: 'no answer' };
  }
}

/** Of this query thread, from the first question on. */
let thread: SocketThread | undefined;

/** @param checkpoint throws when the query is to stop */
export function askSocket(socket: string, path: string, checkpoint: () => void): SocketAnswer {
  thread ??= new SocketThread();
  return thread.ask(socket, path, checkpoint);
}

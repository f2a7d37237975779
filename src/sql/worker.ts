/**
 * A query thread. It runs one statement at a time on its own connection, and blocks while the
 * consumer has not taken what it sent: main gives credit back through shared memory, because a
 * thread inside SQLite cannot read messages. Main also interrupts the connection by its id.
 */
import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { native } from '../native/addon.ts';
import { boundTemporaryFiles, NO_STORE, openConnection } from './connection.ts';
import { cpuSince } from './cpu-time.ts';
import { RowEncoder } from './encode.ts';
import { explainFailure } from './failure.ts';
import {
  type Chunk,
  CREDIT,
  type RunMessage,
  STOP,
  type WorkerData,
  type WorkerMessage,
} from './messages.ts';
import { scanDifference } from './scan-difference.ts';
import type { SqlValue } from './types.ts';

const CHUNK_ROWS = 512;
const CHUNK_CHARACTERS = 64 * 1024;
// A slow query's rows are shown without waiting for a full chunk. The clock is read at each row,
// because the next one may be seconds away.
const CHUNK_MS = 100;
/** Without a query for so long, the thread gives back what the last ones have freed. */
const IDLE_MS = 500;

if (parentPort === null) throw new Error('src/sql/worker.ts runs as a worker thread');
const port = parentPort;
const data = workerData as WorkerData;
const credit = new Int32Array(data.credit);
boundTemporaryFiles();
let connection = openConnection(data.path, data.views);
let file = fileNumber();
const encoder = new TextEncoder();

function post(message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer as ArrayBuffer[]);
}

class Stopped extends Error {}

/** Takes one credit, waiting for it; the read transaction stays open meanwhile. */
function takeCredit(until: number): void {
  for (;;) {
    if (Atomics.load(credit, STOP) === 1) throw new Stopped();
    const left = Atomics.load(credit, CREDIT);
    if (left > 0) {
      // Only this thread takes credit, so what was seen is still there.
      Atomics.sub(credit, CREDIT, 1);
      return;
    }
    const wait = until - performance.now();
    if (wait <= 0) throw new Stopped();
    Atomics.wait(credit, CREDIT, 0, Math.min(wait, 1000));
  }
}

/** About what a row weighs, in characters. */
function size(row: readonly SqlValue[]): number {
  let sum = 0;
  for (const value of row) {
    sum += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  }
  return sum;
}

/** Collects rows into chunks of the asked encoding and sends them. */
class Sender {
  readonly #encoder: RowEncoder | null;
  readonly #until: number;
  #rows: SqlValue[][] = [];
  #text = '';
  #sentAt = performance.now();
  #count = 0;
  #size = 0;

  constructor(encoder: RowEncoder | null, until: number) {
    this.#encoder = encoder;
    this.#until = until;
  }

  push(row: SqlValue[]): void {
    if (this.#encoder === null) {
      this.#rows.push(row);
      this.#size += size(row);
    } else {
      this.#text += this.#encoder.row(row);
      this.#size = this.#text.length;
    }
    this.#count++;
    if (this.#count >= CHUNK_ROWS || this.#size >= CHUNK_CHARACTERS) this.#send();
    else if (performance.now() - this.#sentAt > CHUNK_MS) this.#send();
  }

  end(): void {
    if (this.#encoder !== null) this.#text += this.#encoder.end();
    if (this.#rows.length > 0 || this.#text.length > 0) this.#send();
  }

  #send(): void {
    takeCredit(this.#until);
    let chunk: Chunk = this.#rows;
    if (this.#encoder === null) {
      post({ kind: 'chunk', chunk });
      this.#rows = [];
    } else {
      const bytes = encoder.encode(this.#text);
      chunk = bytes;
      post({ kind: 'chunk', chunk }, [bytes.buffer]);
      this.#text = '';
    }
    this.#count = 0;
    this.#size = 0;
    this.#sentAt = performance.now();
  }
}

function fileNumber(): number {
  return data.path === NO_STORE ? 0 : statSync(data.path).ino;
}

/** A damaged store that was set aside is another file now: the path leads to the new one. */
function follow(): void {
  const ino = fileNumber();
  if (ino === file) return;
  const before = connection;
  connection = openConnection(data.path, data.views);
  file = ino;
  before.db.close();
  post({ kind: 'ready', connection: connection.id });
}

function run(message: RunMessage): void {
  const started = performance.now();
  const began = process.threadCpuUsage();
  try {
    follow();
  } catch (error) {
    const reason = (error as Error).message;
    post({ kind: 'error', code: 'SQL_ERROR', message: `cannot open the event store: ${reason}` });
    return;
  }
  const until = message.timeoutMs > 0 ? started + message.timeoutMs : Number.POSITIVE_INFINITY;
  const { db, id } = connection;
  const before = native.connections.stats(id);
  let token = 0;
  connection.warnings.take();
  try {
    if (message.window) native.connections.setWindow(id, message.window.after, message.window.upto);
    if (message.timeoutMs > 0) token = native.connections.deadline(id, message.timeoutMs);
    if (Atomics.load(credit, STOP) === 1) throw new Stopped();
    const statement = db.prepare<[], SqlValue[]>(message.sql);
    if (!statement.reader) {
      post({
        kind: 'error',
        code: 'SQL_ERROR',
        message: 'only queries that return rows are allowed',
      });
      return;
    }
    const columns = statement.columns().map((column) => ({
      name: column.name,
      type: (column.type ?? '').toUpperCase(),
    }));
    post({ kind: 'columns', columns });
    const rowEncoder =
      message.encoding === 'values' ? null : new RowEncoder(message.encoding, columns);
    const sender = new Sender(rowEncoder, until);
    let rows = 0;
    let truncated = false;
    for (const row of statement.raw().iterate()) {
      if (message.maxRows > 0 && rows >= message.maxRows) {
        truncated = true;
        break;
      }
      rows++;
      sender.push(row);
    }
    sender.end();
    const wallMs = performance.now() - started;
    const scan = scanDifference(native.connections.stats(id), before);
    const warnings = connection.warnings.take();
    post({ kind: 'end', stats: { rows, wallMs, cpu: cpuSince(began), scan }, truncated, warnings });
  } catch (error) {
    const stopped = Atomics.load(credit, STOP) === 1;
    const late = performance.now() >= until || (token !== 0 && native.connections.expired(token));
    post({ kind: 'error', ...explainFailure(db, message, error, { stopped, late }) });
  } finally {
    if (token !== 0) native.connections.deadline(id, 0);
    if (message.window) native.connections.clearWindow(id);
  }
}

let idle: NodeJS.Timeout | undefined;
port.on('message', (message: RunMessage) => {
  clearTimeout(idle);
  run(message);
  // It lies scattered between what stays: malloc keeps all of it, some 20 MB after a large GROUP BY.
  idle = setTimeout(() => native.trimHeap(), IDLE_MS).unref();
});
post({ kind: 'ready', connection: connection.id });

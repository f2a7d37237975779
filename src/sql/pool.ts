import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import type { ViewList } from './connection.ts';
import type { Encoding } from './messages.ts';
import { QueryStream } from './query-stream.ts';
import { QueryWorker } from './query-worker.ts';
import type { QueryOptions, QueryResult, QueryRunner, SqlValue } from './types.ts';

export interface PoolOptions {
  /** events.db */
  readonly path: string;
  /** Threads at most; they start when needed and stay. */
  readonly workers: number;
  /** For queries that name none; 0: no limit. */
  readonly timeoutMs: number;
  readonly maxRows: number;
  /** Queries of each lane that may wait for a thread. */
  readonly maxWaiting?: number;
  /** What queries may read like tables. */
  readonly views?: ViewList;
  /** What each thread runs; for tests. */
  readonly script?: URL;
}

export interface StreamOptions extends QueryOptions {
  readonly encoding?: Encoding;
  /** `service` (schedule, tail) may use every thread; `adhoc` leaves one free for them. */
  readonly lane?: 'service' | 'adhoc';
}

interface Job {
  readonly sql: string;
  readonly options: StreamOptions;
  readonly stream: QueryStream;
  worker: QueryWorker | null;
  timer: NodeJS.Timeout | null;
}

// The thread's own deadline comes first; this one catches an interrupt that met no statement.
const BACKSTOP_MS = 500;
const STOP_AGAIN_MS = 50;

/** Runs queries on warm threads, each with its own connection. */
export class QueryPool implements QueryRunner {
  readonly #options: PoolOptions;
  readonly #workers: QueryWorker[] = [];
  readonly #ready = new Set<QueryWorker>();
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Job>();
  #starting = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts a thread ahead of the first query. */
  async warm(): Promise<void> {
    if (this.#workers.length === 0) this.#spawn();
    await this.#workers[0]?.ready;
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    const stream = this.stream(sql, { ...options, lane: 'service', encoding: 'values' });
    const rows: (readonly SqlValue[])[] = [];
    for await (const chunk of stream) {
      for (const row of chunk as readonly (readonly SqlValue[])[]) rows.push(row);
    }
    const { stats, truncated, warnings } = await stream.end;
    return { columns: await stream.columns, rows, stats, truncated, warnings };
  }

  /** Starts a query; errors come out of the stream. */
  stream(sql: string, options: StreamOptions = {}): QueryStream {
    const stream: QueryStream = new QueryStream(
      () => job.worker?.give(),
      () => this.#cancel(job),
    );
    const job: Job = { sql, options, stream, worker: null, timer: null };
    const { signal } = options;
    if (this.#closed || signal?.aborted) {
      stream.failed(cancelled());
    } else if (this.#waitingIn(options.lane) >= (this.#options.maxWaiting ?? 64)) {
      stream.failed(new WeirError('SQL_BUSY', 'too many queries wait already; try again'));
    } else {
      const abort = (): void => stream.cancel();
      signal?.addEventListener('abort', abort, { once: true });
      stream.end.catch(() => {}).finally(() => signal?.removeEventListener('abort', abort));
      this.#waiting.push(job);
      this.#schedule();
    }
    return stream;
  }

  /** Of a query that asks for no deadline of its own; 0: none. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** Queries that run or wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running.size, waiting: this.#waiting.length };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.stream.failed(cancelled());
    await Promise.all(this.#workers.splice(0).map((worker) => worker.close()));
  }

  /** Each lane has its own room to wait in, so that a flood of one shuts the other out of nothing. */
  #waitingIn(lane: StreamOptions['lane']): number {
    const service = lane === 'service';
    return this.#waiting.filter((job) => (job.options.lane === 'service') === service).length;
  }

  #mayRun(job: Job): boolean {
    if (job.options.lane === 'service') return true;
    const adhoc = [...this.#running].filter((other) => other.options.lane !== 'service').length;
    return adhoc < Math.max(1, this.#options.workers - 1);
  }

  #schedule(): void {
    for (let i = 0; i < this.#waiting.length; ) {
      const job = this.#waiting[i] as Job;
      if (!this.#mayRun(job)) {
        i++;
        continue;
      }
      const worker = [...this.#ready].find((candidate) => candidate.idle);
      if (worker === undefined) {
        // One new thread for each query that could run now.
        if (this.#workers.length < this.#options.workers && this.#starting <= i) this.#spawn();
        return;
      }
      this.#waiting.splice(i, 1);
      this.#start(job, worker);
    }
  }

  #spawn(): void {
    const worker = new QueryWorker(
      this.#options.path,
      (connection) => native.connections.interrupt(connection),
      (gone) => {
        if (this.#ready.has(gone)) this.#remove(gone);
      },
      this.#options.script,
      this.#options.views,
    );
    this.#workers.push(worker);
    this.#starting++;
    worker.ready.then(
      () => {
        this.#starting--;
        this.#ready.add(worker);
        this.#schedule();
      },
      (error: WeirError) => {
        this.#starting--;
        // No thread can open the store: waiting longer would not help.
        if (this.#workers.length === 1) {
          for (const job of this.#waiting.splice(0)) job.stream.failed(error);
        }
        this.#remove(worker);
      },
    );
  }

  #remove(worker: QueryWorker): void {
    this.#ready.delete(worker);
    const index = this.#workers.indexOf(worker);
    if (index >= 0) this.#workers.splice(index, 1);
    if (!this.#closed) this.#schedule();
  }

  #start(job: Job, worker: QueryWorker): void {
    job.worker = worker;
    this.#running.add(job);
    const { window } = job.options;
    const timeoutMs = job.options.timeoutMs ?? this.#options.timeoutMs;
    const maxRows = job.options.maxRows ?? this.#options.maxRows;
    if (timeoutMs > 0) job.timer = setTimeout(() => this.#stop(job), timeoutMs + BACKSTOP_MS);
    const finish = (): void => {
      if (job.timer !== null) clearTimeout(job.timer);
      this.#running.delete(job);
      this.#schedule();
    };
    const encoding = job.options.encoding ?? 'values';
    worker.run(
      { sql: job.sql, window, timeoutMs, maxRows, encoding },
      {
        columns: (columns) => job.stream.columnsKnown(columns),
        chunk: (chunk) => job.stream.chunk(chunk),
        ended: (end) => {
          job.stream.ended(end);
          finish();
        },
        failed: (error) => {
          job.stream.failed(error);
          finish();
        },
      },
    );
  }

  #cancel(job: Job): void {
    const index = this.#waiting.indexOf(job);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      job.stream.failed(cancelled());
    } else {
      this.#stop(job);
    }
  }

  /** Interrupts until the thread says that it has stopped: one interrupt may come too early. */
  #stop(job: Job): void {
    if (!this.#running.has(job)) return;
    job.worker?.stop();
    if (job.timer !== null) clearTimeout(job.timer);
    job.timer = setTimeout(() => this.#stop(job), STOP_AGAIN_MS);
  }
}

function cancelled(): WeirError {
  return new WeirError('SQL_CANCELLED', 'the query was cancelled');
}

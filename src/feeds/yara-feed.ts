import { Worker } from 'node:worker_threads';
import type { Config } from '../config/schema.ts';
import type { EventBatch } from '../sensor/batch.ts';
import type { Feed, FeedSink, HostRow } from './feed.ts';
import type { YaraReply, YaraWork } from './yara-messages.ts';

/** Files that may wait to be scanned; a build writes thousands. */
const WAITING = 4096;
/** A new file is scanned when it is written and closed, or, if it stays open, after this time. */
const OPEN_MS = 1000;

/** Stored action -> osquery's word, for those after which a file may hold something else. */
const ACTIONS: Readonly<Record<string, string>> = {
  create: 'CREATED',
  link: 'CREATED',
  close_write: 'UPDATED',
  truncate: 'UPDATED',
  mmap_write: 'UPDATED',
  rename: 'MOVED_TO',
};
const ACTOR_TEXTS = ['path', 'comm'] as const;
const ACTOR_NUMBERS = [
  ...(['pid', 'tid', 'uid', 'gid', 'euid', 'egid', 'suid', 'sgid', 'fsuid', 'fsgid'] as const),
  ...(['auid', 'parent', 'mnt_ns'] as const),
];
const ACTOR_IDS = ['process_id', 'exec_id', 'parent_process_id', 'cgroup_id', 'op_id'] as const;

interface Waiting {
  readonly row: HostRow;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Scans files of the categories in yara.file_paths when they were made or changed. */
export class YaraFeed implements Feed {
  readonly name = 'yara';
  readonly #work: YaraWork;
  /** New files that are still open for writing, by path. */
  readonly #open = new Map<string, Waiting>();
  /** Asked of the thread, by id. */
  readonly #asked = new Map<number, HostRow>();
  #worker: Worker | undefined;
  #sink: FeedSink | undefined;
  #last = 0;

  constructor({ signatures, file_paths: filePaths }: Config['yara']) {
    const rules = Object.entries(filePaths).map(([category, groups]) => {
      return [category, groups.flatMap((group) => signatures[group] ?? [])];
    });
    this.#work = { rules: Object.fromEntries(rules) };
  }

  start(sink: FeedSink): string {
    this.#sink = sink;
    this.#worker = new Worker(new URL('./yara-worker.ts', import.meta.url), {
      workerData: this.#work,
      name: 'weir yara',
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: YaraReply) => this.#take(reply));
    this.#worker.on('error', (error: Error) => {
      sink.warn(this.name, `the scanning thread ended: ${error.message}`);
      sink.count('lostQueue', 'yara', this.#asked.size);
      this.#asked.clear();
      this.#worker = undefined;
    });
    return '';
  }

  /** Files of a batch that is being stored, with their categories. */
  watch(batch: EventBatch): void {
    if (batch.className !== 'file' || this.#worker === undefined) return;
    const categories = batch.codes('category');
    for (let r = 0; r < batch.rows; r++) {
      const code = categories[r] as number;
      if (code === 0 || batch.selection[r] !== 1) continue;
      if (Object.hasOwn(this.#work.rules, batch.text('category', code) as string)) {
        this.#changed(batch, r);
      }
    }
  }

  drain(): void {
    for (const path of [...this.#open.keys()]) this.#close(path);
  }

  stop(): void {
    for (const { timer } of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #changed(batch: EventBatch, r: number): void {
    const stored = cell(batch, 'action', r) ?? '';
    const action = ACTIONS[stored];
    if (action === undefined) return;
    const moved = stored === 'rename' || stored === 'link';
    const column = moved ? 'dest_path' : 'target_path';
    const code = batch.codes(column)[r] as number;
    if (code === 0) return;
    // As text of one character a byte: paths need not be UTF-8.
    const path = Buffer.from(batch.bytes(column, code)).toString('latin1');
    const before = this.#open.get(path);
    if (before !== undefined) {
      // Written and closed: what was made is scanned, once.
      if (stored !== 'create') this.#close(path);
      return;
    }
    const row = fileRow(batch, r, path, action);
    if (stored !== 'create') {
      this.#ask(path, row);
      return;
    }
    const timer = setTimeout(() => this.#close(path), OPEN_MS).unref();
    this.#open.set(path, { row, timer });
  }

  #close(path: string): void {
    const waiting = this.#open.get(path);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#open.delete(path);
    this.#ask(path, waiting.row);
  }

  #ask(path: string, row: HostRow): void {
    if (this.#worker === undefined) return;
    if (this.#asked.size >= WAITING) {
      this.#sink?.count('lostQueue', 'yara', 1);
      this.#sink?.warn(this.name, 'files change faster than they can be scanned: some were not');
      return;
    }
    const id = ++this.#last;
    this.#asked.set(id, row);
    const category = row.category as string;
    this.#worker.postMessage({ id, path: Buffer.from(path, 'latin1'), category });
  }

  #take(reply: YaraReply): void {
    if ('problem' in reply) {
      this.#sink?.warn(this.name, reply.problem);
      return;
    }
    const row = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    if (row === undefined) return;
    if (reply.error !== '') this.#sink?.warn(this.name, `a file was not scanned: ${reply.error}`);
    if (reply.found === null) return;
    const { matches, count, strings, tags } = reply.found;
    this.#sink?.emit({ ...row, matches, match_count: count, strings, tags });
  }
}

function cell(batch: EventBatch, column: string, r: number): string | null {
  return batch.text(column, batch.codes(column)[r] as number);
}

function fileRow(batch: EventBatch, r: number, path: string, action: string): HostRow {
  const texts = ACTOR_TEXTS.map((name) => [name, cell(batch, name, r)]);
  const numbers = ACTOR_NUMBERS.map((name) => [name, batch.u32(name)[r]]);
  const ids = ACTOR_IDS.map((name) => [name, batch.i64(name)[r]]);
  return {
    ...Object.fromEntries([...texts, ...numbers, ...ids]),
    topic: 'yara',
    source: 'yara',
    action,
    target_path: Buffer.from(path, 'latin1'),
    category: cell(batch, 'category', r),
    boottime_ns: batch.i64('boottime_ns')[r],
    time_ns: batch.i64('time_ns')[r] as bigint,
  };
}

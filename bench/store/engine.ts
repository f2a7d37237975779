import { cpuUsage } from 'node:process';
import type { Chunk } from './generator.ts';

export const SEED = 23;
/** Chunks that are made before the clock runs, so that making them is not measured. */
const CHUNKS_AT_ONCE = 64;

export interface Filled {
  readonly rows: number;
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** What else the engine has to say. */
  readonly notes: Readonly<Record<string, number>>;
}

/** A query's rows, values as text. */
export type Answer = readonly (readonly string[])[];

export interface Reader {
  /** Rejects or throws when the engine cannot do this. */
  ask(sql: string): Answer | Promise<Answer>;
  close(): void;
}

export interface Engine {
  /** Makes a database in a folder and fills it; durable on return. */
  fill(folder: string, chunks: Iterable<Chunk>): Promise<Filled>;
  open(folder: string): Promise<Reader>;
  /** Its way to say that a text matches a regular expression. */
  matches(column: string, pattern: string): string;
  /** Its quickest way to say how many rows a table has. */
  rows(table: string): string;
}

/** Time that actions take, summed. */
export class Stopwatch {
  seconds = 0;
  cpuSeconds = 0;

  async run<T>(action: () => T | Promise<T>): Promise<T> {
    const cpu = cpuUsage();
    const begin = performance.now();
    const result = await action();
    this.seconds += (performance.now() - begin) / 1000;
    const used = cpuUsage(cpu);
    this.cpuSeconds += (used.user + used.system) / 1e6;
    return result;
  }
}

export function* groups<T>(items: Iterable<T>): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    if (group.push(item) < CHUNKS_AT_ONCE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

export const asText = (rows: readonly (readonly unknown[])[]): Answer =>
  rows.map((row) => row.map((value) => (value === null ? 'NULL' : String(value))));

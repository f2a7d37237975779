import type { NativeBatch, NativeRowKeeper } from '../native/batch.ts';
import type { EventBatch } from '../sensor/batch.ts';
import { BATCH_ROWS } from '../sensor/schema.ts';
import type { Count } from './counts.ts';
import { RepeatTable } from './repeat-table.ts';

export type RowKeeper = Pick<NativeRowKeeper, 'put' | 'emit'>;

export interface RepeatWindowOptions {
  readonly windowMs: number;
  readonly entries: number;
  readonly makeKeeper: (eventClass: number) => RowKeeper;
  readonly count: Count;
}

const MAX_COUNT = 0xffffffff;

/** Repeats of one class: finds them, takes them out of their batches, makes summaries of them. */
export class RepeatWindow {
  readonly #eventClass: number;
  readonly #options: RepeatWindowOptions;
  readonly #closed = new Summaries();
  #table: RepeatTable | undefined;
  /** Open windows that have repeats. */
  #waiting = 0;
  #keeper: RowKeeper | undefined;

  constructor(eventClass: number, options: RepeatWindowOptions) {
    this.#eventClass = eventClass;
    this.#options = options;
  }

  /** Takes the repeats out of the batch's selection. */
  fold(batch: EventBatch, now: number): void {
    const identities = batch.halves('identity');
    const selection = batch.selection;
    const before = batch.selected;
    const end = now + this.#options.windowMs;
    // Made when the first row needs them: most batches of most classes repeat nothing.
    let opIds: Uint32Array | undefined;
    let columns: RepeatColumns | undefined;
    try {
      for (let r = 0; r < batch.rows; r++) {
        const low = identities[2 * r] as number;
        const high = identities[2 * r + 1] as number;
        if ((low === 0 && high === 0) || selection[r] === 0) continue;
        this.#table ??= new RepeatTable(this.#options.entries);
        const table = this.#table;
        let place = table.find(low, high);
        if (place >= 0) {
          columns ??= repeatColumns(batch);
          this.#repeat(table, place, batch, r, columns);
          continue;
        }
        if (table.size === table.capacity) this.#close(table);
        place = table.add(low, high, end);
        opIds ??= batch.halves('op_id');
        table.opIds[2 * place] = opIds[2 * r] as number;
        table.opIds[2 * place + 1] = opIds[2 * r + 1] as number;
      }
    } finally {
      const repeats = before - batch.selected;
      if (repeats > 0) this.#options.count('pendingStream', this.#eventClass, repeats);
    }
  }

  /** The row leaves its batch only when it is kept: a keeper that throws loses nothing. */
  #repeat(
    table: RepeatTable,
    place: number,
    batch: EventBatch,
    row: number,
    { first, last, count }: RepeatColumns,
  ): void {
    if (table.rows[place] === 0) {
      this.#keeper ??= this.#options.makeKeeper(this.#eventClass);
      table.slots[place] = this.#keeper.put(batch.native, row);
      table.firstTimes[2 * place] = first[2 * row] as number;
      table.firstTimes[2 * place + 1] = first[2 * row + 1] as number;
      this.#waiting++;
    }
    table.lastTimes[2 * place] = last[2 * row] as number;
    table.lastTimes[2 * place + 1] = last[2 * row + 1] as number;
    const events = Math.max(1, count[row] as number);
    table.counts[place] = Math.min(MAX_COUNT, (table.counts[place] as number) + events);
    table.rows[place] = (table.rows[place] as number) + 1;
    batch.drop(row);
  }

  /** Closes the windows that have ended. Their summaries wait for `summary`. */
  closeUntil(now: number): void {
    const table = this.#table;
    if (table === undefined) return;
    while (table.size > 0 && (table.ends[table.oldest] as number) <= now) this.#close(table);
  }

  #close(table: RepeatTable): void {
    if ((table.rows[table.oldest] as number) > 0) {
      this.#closed.add(table, table.oldest);
      this.#waiting--;
    }
    table.removeOldest();
  }

  /** When the first window ends that has a summary to make; Infinity when none has. */
  nextEnd(): number {
    const table = this.#table;
    if (table === undefined || this.#waiting === 0) return Number.POSITIVE_INFINITY;
    for (let place = table.oldest; place >= 0; place = table.next(place)) {
      if ((table.rows[place] as number) > 0) return table.ends[place] as number;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Next batch of summaries, one row per closed window with repeats; undefined when none waits. */
  summary(): NativeBatch | undefined {
    const taken = this.#closed.take(BATCH_ROWS);
    if (taken === undefined || this.#keeper === undefined) return undefined;
    const { slots, counts, firstTimes, lastTimes, opIds, rows } = taken;
    const batch = this.#keeper.emit(slots, counts, firstTimes, lastTimes, opIds);
    this.#options.count('pendingStream', this.#eventClass, -rows);
    this.#options.count('coalesced', this.#eventClass, rows - slots.length);
    return batch;
  }
}

interface RepeatColumns {
  readonly first: Uint32Array; // halves
  readonly last: Uint32Array; // halves
  readonly count: Uint32Array;
}

const repeatColumns = (batch: EventBatch): RepeatColumns => ({
  first: batch.halves('first_time_ns'),
  last: batch.halves('time_ns'),
  count: batch.u32('count'),
});

/** Closed windows in the order of their closing, in the shape that the keeper takes. */
class Summaries {
  #slots: number[] = [];
  #counts: number[] = [];
  #rows: number[] = [];
  /** First time, last time, op_id: two halves each. */
  #halves: number[] = [];

  add(table: RepeatTable, place: number): void {
    this.#slots.push(table.slots[place] as number);
    this.#counts.push(table.counts[place] as number);
    this.#rows.push(table.rows[place] as number);
    for (const column of [table.firstTimes, table.lastTimes, table.opIds]) {
      this.#halves.push(column[2 * place] as number, column[2 * place + 1] as number);
    }
  }

  take(most: number) {
    if (this.#slots.length === 0) return undefined;
    const slots = Uint32Array.from(this.#slots.splice(0, most));
    const counts = Uint32Array.from(this.#counts.splice(0, most));
    const rows = this.#rows.splice(0, most).reduce((sum, n) => sum + n, 0);
    const halves = this.#halves.splice(0, most * 6);
    const column = (index: number): BigInt64Array<ArrayBuffer> => {
      const words = new Uint32Array(slots.length * 2);
      for (let i = 0; i < slots.length; i++) {
        words[2 * i] = halves[6 * i + 2 * index] as number;
        words[2 * i + 1] = halves[6 * i + 2 * index + 1] as number;
      }
      return new BigInt64Array(words.buffer);
    };
    return {
      slots,
      counts,
      rows,
      firstTimes: column(0),
      lastTimes: column(1),
      opIds: column(2),
    };
  }
}

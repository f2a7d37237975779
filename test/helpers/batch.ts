import type { NativeBatch, NativeColumn } from '../../src/native/batch.ts';
import { EventBatch } from '../../src/sensor/batch.ts';
import { CLASS_NAMES, CLASSES, type ClassName, NULL_I64 } from '../../src/sensor/schema.ts';
import type { RowKeeper } from '../../src/stream/repeat-window.ts';

export type Row = Readonly<Record<string, string | number | bigint | null | Uint8Array>>;

const encoder = new TextEncoder();

/**
 * A batch in the memory layout of the addon (addon/batch/batch.h), without the addon, so that
 * operators are tested on their own. Missing keys are 0 or NULL. Text may be bytes, for names that
 * are not UTF-8.
 */
export function nativeBatch(className: ClassName, rows: readonly Row[]): NativeBatch {
  const pieces: { at: number; bytes: Uint8Array }[] = [];
  let size = 0;
  const place = (bytes: Uint8Array): number => {
    const at = size;
    pieces.push({ at, bytes });
    size += (bytes.length + 7) & ~7;
    return at;
  };
  const columns = CLASSES[className].map(({ name, kind, origin }): NativeColumn => {
    if (origin === 'stream') {
      return { data: 0, dictionaryCount: 0, dictionaryOffsets: 0, dictionaryBytes: 0 };
    }
    const values = rows.map((row) => row[name] ?? null);
    if (kind === 'text') return textColumn(values, place);
    const data =
      kind === 'i64'
        ? BigInt64Array.from(values, (v) => (v === null ? NULL_I64 : BigInt(v as bigint)))
        : Uint32Array.from(values, (v) => Number(v ?? 0));
    const at = place(new Uint8Array(data.buffer));
    return { data: at, dictionaryCount: 0, dictionaryOffsets: 0, dictionaryBytes: 0 };
  });
  const buffer = new ArrayBuffer(size + 8);
  for (const { at, bytes } of pieces) new Uint8Array(buffer).set(bytes, at);
  return { eventClass: CLASS_NAMES.indexOf(className), rows: rows.length, buffer, columns };
}

function textColumn(values: readonly unknown[], place: (b: Uint8Array) => number): NativeColumn {
  const codes = new Map<string, number>();
  const entries: Uint8Array[] = [new Uint8Array()];
  const data = Uint32Array.from(values, (value) => {
    if (value === null) return 0;
    const bytes = value instanceof Uint8Array ? value : encoder.encode(String(value));
    const key = Buffer.from(bytes).toString('latin1');
    const code = codes.get(key) ?? entries.push(bytes) - 1;
    codes.set(key, code);
    return code;
  });
  const offsets = new Uint32Array(entries.length + 1);
  entries.forEach((entry, i) => {
    offsets[i + 1] = (offsets[i] as number) + entry.length;
  });
  return {
    data: place(new Uint8Array(data.buffer)),
    dictionaryCount: entries.length,
    dictionaryOffsets: place(new Uint8Array(offsets.buffer)),
    dictionaryBytes: place(Buffer.concat(entries)),
  };
}

export const eventBatch = (className: ClassName, rows: readonly Row[]): EventBatch =>
  new EventBatch(nativeBatch(className, rows));

/** A value as a row shows it: text, number, bigint, or null. */
export function cell(
  batch: EventBatch,
  column: string,
  row: number,
): string | number | bigint | null {
  const kind = CLASSES[batch.className].find((c) => c.name === column)?.kind;
  if (kind === 'text') return batch.text(column, batch.codes(column)[row] as number);
  if (kind === 'u32') return batch.u32(column)[row] as number;
  const value = batch.i64(column)[row] as bigint;
  return value === NULL_I64 ? null : value;
}

/** A column of the rows that are still selected. */
export function selectedValues(
  batch: EventBatch,
  column: string,
): (string | number | bigint | null)[] {
  const values = [];
  for (let r = 0; r < batch.rows; r++) {
    if (batch.selection[r] === 1) values.push(cell(batch, column, r));
  }
  return values;
}

/** Keeps rows as the addon's RowKeeper does. */
export class FakeRowKeeper implements RowKeeper {
  readonly #className: ClassName;
  readonly #kept = new Map<number, Row>();
  #next = 0;

  constructor(eventClass: number) {
    this.#className = CLASS_NAMES[eventClass] as ClassName;
  }

  get size(): number {
    return this.#kept.size;
  }

  put(native: NativeBatch, row: number): number {
    const batch = new EventBatch(native);
    const columns = CLASSES[this.#className].filter((c) => c.origin !== 'stream');
    const copy = Object.fromEntries(columns.map((c) => [c.name, cell(batch, c.name, row)]));
    this.#kept.set(this.#next, copy);
    return this.#next++;
  }

  emit(
    slots: Uint32Array,
    counts: Uint32Array,
    firstTimes: BigInt64Array,
    lastTimes: BigInt64Array,
    opIds: BigInt64Array,
  ): NativeBatch {
    const rows = [...slots].map((slot, i): Row => {
      const row = this.#kept.get(slot);
      if (row === undefined) throw new RangeError(`slot ${slot} is not in use`);
      this.#kept.delete(slot);
      const times = { time_ns: lastTimes[i] as bigint, first_time_ns: firstTimes[i] as bigint };
      return { ...row, ...times, count: counts[i] as number, op_id: opIds[i] as bigint };
    });
    return nativeBatch(this.#className, rows);
  }
}

import { suggest } from '../../config/suggest.ts';
import type { CapturedEvent } from '../../daemon/event-import.ts';
import { CAPTURE_TABLES, type CaptureColumn, captureColumns } from '../../tables/capture.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import type { EventTableSpec } from '../../tables/spec.ts';

interface Plan {
  readonly table: EventTableSpec;
  readonly columns: readonly CaptureColumn[];
  readonly known: ReadonlySet<string>;
}

const PLANS: ReadonlyMap<string, Plan> = new Map(
  [...CAPTURE_TABLES.values()].map((table) => {
    const known = new Set(['table', ...table.columns.map(({ name }) => name)]);
    return [table.name, { table, columns: captureColumns(table), known }];
  }),
);

type StoredValue = CapturedEvent['fields'][string];

const I64 = 2n ** 63n;

/** Reads one line of an export in jsonl. Throws an Error that says what is wrong with it. */
export function capturedRow(line: string): CapturedEvent {
  const row: unknown = JSON.parse(line);
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new Error('not a JSON object');
  }
  const values = row as Readonly<Record<string, unknown>>;
  const { table, columns, known } = planOf(values.table);
  for (const name of Object.keys(values)) {
    if (!known.has(name)) throw new Error(`${table.name} has no column ${JSON.stringify(name)}`);
  }
  const fields: Record<string, StoredValue> = {};
  for (const column of columns) {
    const value = storedValue(column, values[column.shown.name]);
    if (value !== null) fields[column.stored.name] = value;
  }
  if (fields.time_ns === undefined) {
    if (typeof values.time !== 'number') throw new Error('it has neither ntime nor time');
    fields.time_ns = integer('time', values.time) * 1_000_000_000n;
  }
  return { className: table.class, fields };
}

function planOf(name: unknown): Plan {
  if (typeof name !== 'string') throw new Error('it does not say its "table"');
  const plan = PLANS.get(name);
  if (plan !== undefined) return plan;
  const seen = EVENT_TABLES.find((table) => table.name === name);
  if (seen !== undefined) {
    const whole = CAPTURE_TABLES.get(seen.class)?.name;
    throw new Error(`${name} does not show all that is stored; export ${whole} instead`);
  }
  const meant = suggest(name, PLANS.keys());
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  throw new Error(`${JSON.stringify(name)} is no event table${hint}`);
}

function storedValue({ stored, shown }: CaptureColumn, value: unknown): StoredValue | null {
  if (value === null || value === undefined) return null;
  const { name, from } = shown;
  if (stored.kind === 'text') {
    if (typeof value !== 'string') return bytes(name, value);
    return from.how === 'default' && value === from.value ? null : value;
  }
  const whole = from.how === 'octal' ? octal(name, value) : integer(name, value);
  const fits =
    stored.kind === 'u32' ? whole >= 0n && whole < 2n ** 32n : whole < I64 && whole > -I64;
  if (!fits) throw new Error(`${name} is out of range: ${whole}`);
  return whole;
}

/** Text that is not UTF-8. */
function bytes(name: string, value: unknown): Uint8Array {
  const { hex } = value as { readonly hex?: unknown };
  if (typeof hex === 'string' && /^(?:[0-9a-fA-F]{2})*$/.test(hex)) return Buffer.from(hex, 'hex');
  throw new Error(`${name} must be text, or {"hex": "..."} where it is not UTF-8`);
}

function octal(name: string, value: unknown): bigint {
  if (typeof value === 'string' && /^[0-7]{1,22}$/.test(value)) return BigInt(`0o${value}`);
  throw new Error(`${name} must be octal digits in quotes`);
}

/** Beyond 2^53 only text is exact: JSON.parse has rounded a bare number already. */
function integer(name: string, value: unknown): bigint {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new Error(`${name} must be an integer, in quotes beyond 2^53`);
}

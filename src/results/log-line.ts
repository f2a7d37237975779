import { jsonText } from './encode-row.ts';
import { lineId } from './store.ts';
import type { LoggedRows, LoggedRun, Severity } from './types.ts';

export interface LineOptions {
  readonly hostIdentifier: string;
  /** One line per row (osquery's default); false: one line per run with diffResults. */
  readonly eventLines?: boolean;
  /** One line per row of a snapshot instead of one for all. */
  readonly snapshotEventLines?: boolean;
  /** Put decorations beside the other keys instead of below `decorations`. */
  readonly decorationsTopLevel?: boolean;
}

export interface LogLine {
  /** The same however often the line is delivered. */
  readonly id: string;
  readonly kind: 'result' | 'snapshot';
  readonly query: string;
  /** Of a detection. */
  readonly severity: Severity | null;
  /** JSON without a newline. */
  readonly text: string;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Seconds since 1970 as asctime(3) writes them, in UTC: `Mon May  2 22:27:32 2016 UTC`. */
export function calendarTime(unixTime: number): string {
  const date = new Date(unixTime * 1000);
  const day = String(date.getUTCDate()).padStart(2);
  const clock = date.toISOString().slice(11, 19);
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${clock} ${date.getUTCFullYear()} UTC`;
}

/** How recorded rows become lines. */
export interface LineFormat {
  /** True when one line is made of the whole run, which then comes in one piece. */
  wholeRun(run: LoggedRun): boolean;
  lines(store: string, piece: LoggedRows): LogLine[];
}

/** osquery's lines: its keys in its order. */
export function osqueryFormat(options: LineOptions): LineFormat {
  return {
    wholeRun: (run) => needsWholeRun(run, options),
    lines: (store, piece) => logLines(store, piece, options),
  };
}

/** A piece of a run as log lines. Batch and snapshot lines need the whole run in the piece. */
function logLines(store: string, piece: LoggedRows, options: LineOptions): LogLine[] {
  const { run, rows, firstIndex } = piece;
  const head = legacyFields(run, options);
  const line = (index: number, kind: LogLine['kind'], text: string): LogLine => ({
    id: lineId(store, run.id, index),
    kind,
    query: run.name,
    severity: run.rule?.severity ?? null,
    text,
  });
  if (run.kind === 'snapshot' && options.snapshotEventLines !== true) {
    const all = rows.map((row) => row.columns).join(',');
    return [line(0, 'snapshot', `{"snapshot":[${all}],"action":"snapshot",${head}}`)];
  }
  if (run.kind !== 'snapshot' && options.eventLines === false) {
    const of = (action: string): string =>
      rows.flatMap((row) => (row.action === action ? [row.columns] : [])).join(',');
    const diff = `{"removed":[${of('removed')}],"added":[${of('added')}]}`;
    return [line(0, 'result', `{"diffResults":${diff},${head}}`)];
  }
  const kind = run.kind === 'snapshot' ? 'snapshot' : 'result';
  return rows.map((row, i) => {
    const text = `{${head},"columns":${row.columns},"action":"${row.action}"}`;
    const each = line(firstIndex + i, kind, text);
    return row.suppressed === true ? { ...each, severity: null } : each;
  });
}

/** True when the options make one line of the whole run. */
function needsWholeRun(run: LoggedRun, options: LineOptions): boolean {
  return run.kind === 'snapshot'
    ? options.snapshotEventLines !== true
    : options.eventLines === false;
}

function legacyFields(run: LoggedRun, options: LineOptions): string {
  const fields = [
    `"name":${jsonText(run.name)}`,
    `"hostIdentifier":${jsonText(options.hostIdentifier)}`,
    `"calendarTime":"${calendarTime(run.unixTime)}"`,
    `"unixTime":${run.unixTime}`,
    `"epoch":${run.epoch}`,
    `"counter":${run.counter}`,
    `"numerics":${run.numerics}`,
  ];
  const decorations = Object.entries(run.decorations).map(
    ([key, value]) => `${jsonText(key)}:${jsonText(value)}`,
  );
  if (decorations.length > 0) {
    const inner = decorations.join(',');
    fields.push(options.decorationsTopLevel === true ? inner : `"decorations":{${inner}}`);
  }
  return fields.join(',');
}

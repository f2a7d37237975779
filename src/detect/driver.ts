import { WeirError } from '../config/errors.ts';
import { isMonotone } from './monotone.ts';
import { type TableRef, tableRefs } from './table-refs.ts';
import { hasTimeBound } from './time-bound.ts';
import { type Token, tokenize } from './tokenizer.ts';

/**
 * events: the statements together deliver each combination of events once, run after run.
 * history: reads event tables over a span of time that the query names itself: runs as written.
 * state: reads no event table.
 */
export type PlanKind = 'events' | 'history' | 'state';

export interface QueryPlan {
  readonly kind: PlanKind;
  /** Run with the window (cursor, high water], one after another; their rows belong together. */
  readonly statements: readonly string[];
  /** Event tables that it reads. */
  readonly tables: readonly string[];
  /** The tables or aliases whose new rows drive it. */
  readonly drivers: readonly string[];
  /** What the author should know: which rows will not be found. */
  readonly warnings: readonly string[];
}

export interface PlanOptions {
  /** Table or alias named in the pack. */
  readonly driver?: string | undefined;
  /** `history` runs as written even without a bound; the others drive even with one. */
  readonly mode?: 'events' | 'history' | 'streaming' | undefined;
}

/**
 * Plans how a scheduled query reads event tables.
 *
 * A join of n event tables becomes n statements. In statement i reference i shows new rows,
 * references before it old rows, those after it old and new ones: every combination with at least
 * one new row comes up in exactly one statement. Where that does not hold (outer joins, aggregates,
 * NOT EXISTS, ...) one reference, the driver, shows new rows and the others all.
 *
 * @throws WeirError DRIVER_UNKNOWN when no reference has the driver's name.
 */
export function planQuery(
  sql: string,
  eventTables: ReadonlySet<string>,
  options: PlanOptions = {},
): QueryPlan {
  const tokens = tokenize(sql);
  const { refs: all, ctes } = tableRefs(tokens);
  const events = all.filter(
    (ref) => eventTables.has(ref.table) && (ref.qualified || !ctes.has(ref.table)),
  );
  const tables = [...new Set(events.map((ref) => ref.table))];
  const asWritten = (kind: PlanKind): QueryPlan => ({
    kind,
    statements: [sql],
    tables,
    drivers: [],
    warnings: [],
  });
  if (events.length === 0) {
    if (options.driver !== undefined) throw unknownDriver(options.driver, events);
    return asWritten('state');
  }
  if (options.driver !== undefined) {
    const ref = named(events, options.driver);
    const warnings: string[] = [];
    return { ...asWritten('events'), ...driven(sql, tokens, [ref]), warnings };
  }
  if (options.mode === 'history') return asWritten('history');
  if (options.mode === undefined && hasTimeBound(tokens, all, eventTables))
    return asWritten('history');

  const driving = withoutDimensions(events);
  const repeated = repeatedCtes(all, events);
  if (isMonotone(tokens) && repeated.length === 0 && events.every((ref) => !ref.nested)) {
    return {
      ...asWritten('events'),
      statements: driving.map((_, i) => rewrite(sql, tokens, deltas(driving, i))),
      drivers: driving.map(shownName),
    };
  }
  const drivers = defaultDrivers(tokens, driving);
  return {
    ...asWritten('events'),
    ...driven(sql, tokens, drivers),
    warnings: warn(driving, drivers),
  };
}

/**
 * process_seen has a row for each image before any other event of that image, so beside another
 * event table it is only looked up: nothing comes late there.
 */
function withoutDimensions(events: readonly TableRef[]): readonly TableRef[] {
  const driving = events.filter((ref) => ref.table !== 'process_seen');
  return driving.length === 0 ? events : driving;
}

type Prefix = 'new_' | 'old_';
type Change = readonly [ref: TableRef, prefix: Prefix];

function deltas(events: readonly TableRef[], i: number): Change[] {
  return events.slice(0, i + 1).map((ref, j) => [ref, j < i ? 'old_' : 'new_']);
}

function driven(
  sql: string,
  tokens: readonly Token[],
  drivers: readonly TableRef[],
): Pick<QueryPlan, 'statements' | 'drivers'> {
  const statement = rewrite(
    sql,
    tokens,
    drivers.map((ref) => [ref, 'new_']),
  );
  return { statements: [statement], drivers: drivers.map(shownName) };
}

/** Puts the prefixed table in, under the name that the rest of the query knows it by. */
function rewrite(sql: string, tokens: readonly Token[], changes: readonly Change[]): string {
  let out = '';
  let at = 0;
  for (const [ref, prefix] of changes) {
    const { start, end } = tokens[ref.token] as Token;
    const alias = ref.alias === null ? ` AS ${ref.table}` : '';
    out += `${sql.slice(at, start)}${prefix}${ref.table}${alias}`;
    at = end;
  }
  return out + sql.slice(at);
}

/** The first event table of FROM; of a UNION, that of each SELECT. */
function defaultDrivers(tokens: readonly Token[], events: readonly TableRef[]): TableRef[] {
  const union = tokens.some((t) => t.kind === 'word' && t.depth === 0 && t.text === 'UNION');
  const minus = tokens.some(
    (t) => t.kind === 'word' && t.depth === 0 && (t.text === 'EXCEPT' || t.text === 'INTERSECT'),
  );
  const branches = union && !minus ? [...new Set(events.map((ref) => ref.branch))] : [null];
  return branches.map((branch) => {
    const own = events.filter((ref) => branch === null || ref.branch === branch);
    return (own.find((ref) => !ref.nested) ?? own[0]) as TableRef;
  });
}

function warn(events: readonly TableRef[], drivers: readonly TableRef[]): string[] {
  const others = events.filter((ref) => !drivers.includes(ref)).map(shownName);
  if (others.length === 0) return [];
  const driver = drivers.map(shownName).join(', ');
  return [
    `driven by ${driver}: an event of ${others.join(', ')} that comes later than its partner is ` +
      `not found (name another "driver", or use inner joins only)`,
  ];
}

/** Common table expressions with events in them that are read more than once. */
function repeatedCtes(all: readonly TableRef[], events: readonly TableRef[]): string[] {
  const holders = new Set(events.flatMap((ref) => (ref.cte === null ? [] : [ref.cte])));
  return [...holders].filter((name) => all.filter((ref) => ref.table === name).length > 1);
}

function named(events: readonly TableRef[], driver: string): TableRef {
  const wanted = driver.toLowerCase();
  const ref =
    events.find((candidate) => candidate.alias === wanted) ??
    events.find((candidate) => candidate.table === wanted);
  if (ref === undefined) throw unknownDriver(driver, events);
  return ref;
}

function unknownDriver(driver: string, events: readonly TableRef[]): WeirError {
  const known = events.map(shownName).join(', ');
  const what = known === '' ? 'the query reads no event table' : `the query reads ${known}`;
  return new WeirError('DRIVER_UNKNOWN', `no event table ${JSON.stringify(driver)}: ${what}`);
}

function shownName(ref: TableRef): string {
  return ref.alias ?? ref.table;
}

import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { WeirError } from '../config/errors.ts';
import { JsoncError, type JsonDocument, MAX_JSON_BYTES, parseJsonc } from '../config/jsonc.ts';
import { type Problem, problemAt, problemsOf } from '../config/problems.ts';
import { isApplicable } from './applicable.ts';
import { type Pack, type PackQuery, packSchema } from './pack-schema.ts';
import { type ScheduledQuery, scheduledQuery } from './scheduled-query.ts';
import type { SqlCheck } from './sql-check.ts';
import { whyNotStreaming } from './streaming/why-not.ts';
import type { Views } from './views.ts';

export interface PackOptions {
  readonly hostname: string;
  readonly delimiter: string; // between pack, pack name and query name
  readonly defaultInterval: number; // seconds
  /** Without it, SQL is found wrong only when it runs. */
  readonly check?: SqlCheck | undefined;
  readonly views?: Views | undefined;
}

/** A pack by itself, whether or not it is for this host. */
export interface PackInfo {
  readonly name: string;
  readonly platform: string; // '': all
  readonly version: string;
  readonly shard: number; // percent
  readonly applicable: boolean;
  readonly discovers: boolean;
}

export interface LoadedPack {
  readonly pack?: PackInfo;
  /** What can run on this host; queries with errors are left out. */
  readonly queries: readonly ScheduledQuery[];
  readonly problems: readonly Problem[];
}

/** The name that osquery gives to the pack of a file. */
export function packName(file: string): string {
  return basename(file, extname(file));
}

/** Reads a pack file. Never throws: a file that cannot be read is a problem too. */
export function loadPackFile(
  file: string,
  options: PackOptions,
  name = packName(file),
): LoadedPack {
  let document: JsonDocument;
  try {
    document = parseJsonc(readPack(file));
  } catch (error) {
    return { queries: [], problems: [readProblem(error)] };
  }
  return loadPack(name, document, options);
}

function readPack(file: string): Uint8Array {
  const { size } = statSync(file);
  if (size > MAX_JSON_BYTES) throw new Error(`larger than 4 MiB (${size} bytes)`);
  return readFileSync(file);
}

function readProblem(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof JsoncError)) {
    return { severity: 'error', path: '', message: `cannot be read: ${message}` };
  }
  return {
    severity: 'error',
    path: '',
    message: message.replace(/^line \d+, column \d+: /, ''),
    ...error.place,
  };
}

/** A pack that is a value already, such as one inside the configuration. */
export function loadInlinePack(name: string, value: unknown, options: PackOptions): LoadedPack {
  return loadPack(name, { value, duplicates: [], locate: undefined }, options);
}

/** A document, or a value without places. */
type Source = Pick<JsonDocument, 'value' | 'duplicates'> & {
  readonly locate: JsonDocument['locate'] | undefined;
};

function loadPack(name: string, source: Source, options: PackOptions): LoadedPack {
  const document = source.locate === undefined ? undefined : (source as JsonDocument);
  const problems: Problem[] = source.duplicates.map((path) =>
    problemAt('error', path, 'set more than once', document),
  );
  const parsed = packSchema.safeParse(source.value);
  if (!parsed.success) problems.push(...problemsOf(parsed.error, packSchema, document));
  const pack = parsed.success ? parsed.data : salvage(source.value);
  const queries = packQueries(name, pack, options, problems, document);
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  // One wrong query does not keep the others from running, but who knows what a wrong pack means.
  const usable = parsed.success || parsed.error.issues.every(isInQuery);
  const info: PackInfo = {
    name,
    platform: pack.platform ?? '',
    version: pack.version ?? '',
    shard: pack.shard ?? 100,
    applicable: usable && isApplicable(pack, options.hostname),
    discovers: (pack.discovery ?? []).length > 0,
  };
  return { pack: info, queries: usable ? queries : [], problems };
}

function isInQuery(issue: { readonly path: readonly PropertyKey[] }): boolean {
  return issue.path[0] === 'queries' && issue.path.length > 1;
}

/** The pack without what is wrong, so that the rest of it is checked too. */
function salvage(value: unknown): Pack {
  const source = isObject(value) ? value : {};
  const { queries: querySchemas, ...shape } = packSchema.shape;
  const whole = Object.entries(shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(source[key]);
    return parsed.success ? [[key, parsed.data]] : [];
  });
  const queries = Object.entries(isObject(source.queries) ? source.queries : {}).flatMap(
    ([key, query]) => {
      const parsed = querySchemas.valueType.safeParse(query);
      return parsed.success ? [[key, parsed.data]] : [];
    },
  );
  return { ...Object.fromEntries(whole), queries: Object.fromEntries(queries) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function packQueries(
  name: string,
  pack: Pack,
  options: PackOptions,
  problems: Problem[],
  document: JsonDocument | undefined,
): ScheduledQuery[] {
  if (!isApplicable(pack, options.hostname)) return [];
  const discovery =
    pack.discovery === undefined || pack.discovery.length === 0
      ? undefined
      : { pack: name, queries: pack.discovery };
  for (const [i, sql] of (pack.discovery ?? []).entries()) {
    const wrong = options.check?.(sql) ?? null;
    if (wrong !== null) problems.push(problemAt('error', ['discovery', i], wrong, document));
  }
  const found: ScheduledQuery[] = [];
  for (const [key, query] of Object.entries(pack.queries)) {
    if (!isApplicable(query, options.hostname)) continue;
    const full = ['pack', name, key].join(options.delimiter);
    const defaults = { interval: options.defaultInterval, discovery, views: options.views };
    const result = compile(full, query, defaults, options.check);
    for (const [severity, at, message] of result.problems) {
      problems.push(problemAt(severity, ['queries', key, at], message, document));
    }
    if (result.query !== null) found.push(result.query);
  }
  return found;
}

type Finding = readonly [severity: Problem['severity'], key: string, message: string];

/** Plans a query and prepares what it will run. */
export function compile(
  name: string,
  query: PackQuery,
  defaults: Parameters<typeof scheduledQuery>[2],
  check: SqlCheck | undefined,
): { readonly query: ScheduledQuery | null; readonly problems: readonly Finding[] } {
  let planned: ScheduledQuery;
  try {
    planned = scheduledQuery(name, query, defaults);
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    const key = error.code === 'DRIVER_UNKNOWN' ? 'driver' : 'query';
    return { query: null, problems: [['error', key, error.message]] };
  }
  if (planned.respond !== 'alert' && planned.rule === undefined) {
    const message = 'only detections are responded to: give the query a severity';
    return { query: null, problems: [['error', 'respond', message]] };
  }
  const reason = planned.streaming ? whyNotStreaming(planned.plan, planned.snapshot) : null;
  if (reason !== null) {
    return { query: null, problems: [['error', 'mode', `cannot be streaming: ${reason}`]] };
  }
  // As written first, so that the author reads about his own words.
  for (const sql of check === undefined ? [] : [planned.sql, ...planned.plan.statements]) {
    const wrong = check?.(sql) ?? null;
    if (wrong !== null) return { query: null, problems: [['error', 'query', wrong]] };
  }
  return {
    query: planned,
    problems: planned.plan.warnings.map((message) => ['warning', 'query', message]),
  };
}

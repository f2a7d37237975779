import type { z } from 'zod';
import type { JsonPath } from './key-path.ts';
import type { Located } from './merged-document.ts';
import { suggest } from './suggest.ts';

/** One thing wrong with a document, told so that it can be mended without reading the source. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly path: string; // in the document: exclude[2].port; '' is the whole of it
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** The file that it is in, when not the one that was asked about. */
  readonly file?: string;
}

/** `exclude[2].port`; keys that are no plain words are quoted. */
export function pathText(path: JsonPath): string {
  return path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return i === 0 ? step : `.${step}`;
    })
    .join('');
}

/** One line for people: `file:3:7: error: exclude[2].port: a whole number from 1 to 65535`. */
export function problemText(problem: Problem, file?: string): string {
  const place = problem.line === undefined ? '' : `${problem.line}:${problem.column}: `;
  const inFile = problem.file ?? file;
  const where = inFile === undefined ? place : `${inFile}:${place === '' ? ' ' : place}`;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${where}${problem.severity}: ${path}${problem.message}`;
}

export function problemAt(
  severity: Problem['severity'],
  path: JsonPath,
  message: string,
  document?: Located,
): Problem {
  return { severity, path: pathText(path), message, ...document?.locate(path) };
}

/**
 * All that a zod schema found, one problem per fact: an unknown key with the nearest right one, a
 * wrong value with what is allowed and what is there.
 *
 * @param document finds lines and columns; its value must be what the schema was given.
 */
export function problemsOf(
  error: Pick<z.core.$ZodError, 'issues'>,
  schema: z.ZodType,
  document?: Located,
): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path);
      return issue.keys.map((key) =>
        problemAt('error', [...path, key], unknownKey(key, known), document),
      );
    }
    return [problemAt('error', path, messageOf(issue, valueAt(document, path)), document)];
  });
}

export function unknownKey(key: string, known: readonly string[]): string {
  const near = suggest(key, known);
  if (near !== undefined) return `unknown key: did you mean ${near}?`;
  return known.length === 0
    ? 'unknown key'
    : `unknown key; allowed here: ${[...known].sort().join(', ')}`;
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  const found = value === undefined ? '' : `, not ${brief(value)}`;
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const near = typeof value === 'string' ? suggest(value, values) : undefined;
    const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
    return `one of ${values.join(', ')}${found}${hint}`;
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    if (value === undefined) return `${kindName(issue.expected)} is missing`;
    return `${kindName(issue.expected)}${found}`;
  }
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return 'must not be empty';
  if (issue.code === 'custom') return issue.message;
  return `${issue.message}${found}`;
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'an object {...}',
  record: 'an object {...}',
  array: 'a list [...]',
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
};

const kindName = (expected: string): string => KINDS[expected] ?? expected;

/** The value as the document has it, short. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}..."`;
}

function valueAt(document: Located | undefined, path: JsonPath): unknown {
  let value = document?.value;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Why no document of this schema has anything at a path; undefined when it may. */
export function unknownPath(schema: z.ZodType, path: JsonPath): string | undefined {
  for (const [i, step] of path.entries()) {
    const { shape, catchall } = schemaAt(schema, path.slice(0, i))?.def ?? {};
    if (shape === undefined || Object.hasOwn(shape, step)) continue;
    if (catchall !== undefined && catchall.def.type !== 'never') return undefined;
    const why = unknownKey(String(step), Object.keys(shape));
    return `${pathText(path.slice(0, i + 1))}: ${why}`;
  }
  return undefined;
}

interface Walkable {
  readonly def: {
    readonly type: string;
    readonly innerType?: Walkable;
    readonly in?: Walkable;
    readonly element?: Walkable;
    readonly valueType?: Walkable;
    readonly catchall?: Walkable; // of an object's other keys
    readonly shape?: Readonly<Record<string, Walkable>>;
  };
}

/** Keys that the object at this path may have. */
function keysAt(schema: z.ZodType, path: JsonPath): readonly string[] {
  return Object.keys(schemaAt(schema, path)?.def.shape ?? {});
}

function schemaAt(schema: z.ZodType, path: JsonPath): Walkable | undefined {
  let at: Walkable | undefined = unwrap(schema as unknown as Walkable);
  for (const step of path) {
    const def: Walkable['def'] | undefined = at?.def;
    at = unwrap(def?.shape?.[step] ?? def?.element ?? def?.valueType);
  }
  return at;
}

function unwrap(schema: Walkable | undefined): Walkable | undefined {
  let at = schema;
  while (at !== undefined) {
    const inner: Walkable | undefined = at.def.innerType ?? at.def.in;
    if (inner === undefined) return at;
    at = inner;
  }
  return at;
}

import type { z } from 'zod';
import { JsoncError, type JsonDocument, parseJsonc } from './jsonc.ts';
import { applyOsqueryOptions } from './osquery-options.ts';
import { type Problem, problemAt, problemsOf } from './problems.ts';
import { ruleProblems } from './rule-problems.ts';
import { configSchema } from './schema.ts';

/** osquery's top-level keys that mean something there and nothing here, yet. */
const NOT_YET = [
  ...['auto_table_construction', 'events', 'feature_vectors', 'file_paths_query'],
  ...['kafka_topics', 'prometheus_targets', 'views', 'yara'],
] as const;

export interface CheckedDocument {
  /** undefined when a problem is an error. */
  readonly value: z.output<typeof configSchema> | undefined;
  readonly problems: readonly Problem[];
}

/** Checks the text of a configuration document; `{}` is a valid one. Never throws. */
export function checkDocument(text: string | Uint8Array): CheckedDocument {
  let document: JsonDocument;
  try {
    document = parseJsonc(text);
  } catch (error) {
    if (!(error instanceof JsoncError)) throw error;
    const message = error.message.replace(/^line \d+, column \d+: /, '');
    return {
      value: undefined,
      problems: [{ severity: 'error', path: '', message, ...error.place }],
    };
  }
  const problems = document.duplicates.map((path) =>
    problemAt('error', path, 'set more than once', document),
  );
  const root = document.value;
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    problems.push(problemAt('error', [], 'the document must be an object {...}', document));
    return { value: undefined, problems };
  }
  const moved = applyOsqueryOptions(root as Record<string, unknown>);
  for (const key of NOT_YET) {
    if (!(key in moved.document)) continue;
    delete moved.document[key];
    problems.push(problemAt('warning', [key], 'osquery’s, and without effect here yet', document));
  }
  for (const { option, message } of moved.warnings) {
    problems.push(problemAt('warning', ['options', option], message, document));
  }
  const parsed = configSchema.safeParse(moved.document);
  if (parsed.success) {
    problems.push(...ruleProblems(parsed.data, document));
  } else {
    problems.push(...problemsOf(parsed.error, configSchema, document));
  }
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const failed = problems.some((p) => p.severity === 'error');
  return { value: failed ? undefined : parsed.data, problems };
}

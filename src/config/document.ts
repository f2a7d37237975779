import type { z } from 'zod';
import { JsoncError, type JsonDocument, parseJsonc } from './jsonc.ts';
import { mergeLayers } from './layers.ts';
import { mergedDocument } from './merged-document.ts';
import { applyOsqueryOptions } from './osquery-options.ts';
import { type Problem, problemAt, problemsOf } from './problems.ts';
import { ruleProblems } from './rule-problems.ts';
import { configSchema } from './schema.ts';

/** osquery's top-level keys that mean something there and nothing here, yet. */
const NOT_YET = [...['feature_vectors', 'kafka_topics', 'prometheus_targets']] as const;

export interface CheckedDocument {
  /** undefined when a problem is an error. */
  readonly value: z.output<typeof configSchema> | undefined;
  readonly problems: readonly Problem[];
  /** What each file says, lowest first. */
  readonly layers: readonly CheckedLayer[];
}

/** A file's text; `file` is left out of the problems of a document that is alone. */
export interface LayerText {
  readonly file?: string;
  readonly text: string | Uint8Array;
  readonly replacesLists?: boolean;
  readonly managed?: boolean;
}

export interface CheckedLayer {
  readonly file: string | undefined;
  readonly managed: boolean;
  readonly replacesLists: boolean;
  readonly document: JsonDocument | undefined;
  readonly fields: unknown; // osquery's options moved, its other keys left out
}

/** Checks the text of a configuration document; `{}` is a valid one. Never throws. */
export function checkDocument(text: string | Uint8Array): CheckedDocument {
  return checkLayers([{ text }]);
}

/** Checks documents that are laid over each other, the last on top. Never throws. */
export function checkLayers(texts: readonly LayerText[]): CheckedDocument {
  const layers = texts.map(readLayer);
  const problems = layers.flatMap((layer) => layer.problems);
  const failed = (): boolean => problems.some((p) => p.severity === 'error');
  if (failed()) return { value: undefined, problems, layers };
  const merged = layers.reduce<unknown>(
    (below, { fields, replacesLists }) => mergeLayers(below, fields, replacesLists),
    {},
  );
  const parsed = configSchema.safeParse(merged);
  // Of several each alone is right; what is wrong now is what they say together.
  const whole = mergedDocument(layers, merged);
  if (parsed.success) problems.push(...ruleProblems(parsed.data, whole));
  else problems.push(...problemsOf(parsed.error, configSchema, whole));
  problems.sort(byPlace);
  return { value: failed() ? undefined : parsed.data, problems, layers };
}

interface Layer extends CheckedLayer {
  readonly problems: readonly Problem[];
}

function readLayer({ file, text, managed, replacesLists }: LayerText): Layer {
  const problems: Problem[] = [];
  const inFile = (problem: Problem): Problem =>
    file === undefined ? problem : { ...problem, file };
  const layer = (document: JsonDocument | undefined, fields: unknown): Layer => ({
    file,
    managed: managed ?? false,
    replacesLists: replacesLists ?? false,
    document,
    fields,
    problems: problems.map(inFile).sort(byPlace),
  });
  let document: JsonDocument;
  try {
    document = parseJsonc(text);
  } catch (error) {
    if (!(error instanceof JsoncError)) throw error;
    const message = error.message.replace(/^line \d+, column \d+: /, '');
    problems.push({ severity: 'error', path: '', message, ...error.place });
    return layer(undefined, {});
  }
  for (const path of document.duplicates) {
    problems.push(problemAt('error', path, 'set more than once', document));
  }
  const root = document.value;
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    problems.push(problemAt('error', [], 'the document must be an object {...}', document));
    return layer(document, {});
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
  // A condition between keys may hold only when all layers are together.
  const issues = parsed.error?.issues ?? [];
  const own = issues.filter(({ code }) => code !== 'custom' || file === undefined);
  problems.push(...problemsOf({ issues: own }, configSchema, document));
  return layer(document, moved.document);
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return 0; // in the order of the files
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

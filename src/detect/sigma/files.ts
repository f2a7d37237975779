import { globSync, readFileSync, statSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ConvertedQuery, convert, type RegexCheck } from './convert.ts';
import { quoted, SigmaRefusal } from './refusal.ts';
import { readDocument, type SigmaDocument, type SigmaRule } from './rule.ts';

const MOST_BYTES = 1024 * 1024;
/** Each time that an alias of YAML is used counts. */
const MOST_ALIASES = 100;

/** What became of a document of a rule file. */
export interface SigmaOutcome {
  readonly file: string;
  /** For packs and logs: the file's path below the folder, and of several documents its number. */
  readonly name: string;
  readonly title: string;
  /** Null when it was refused, or is only there for a correlation. */
  readonly query: ConvertedQuery | null;
  readonly refusal: string | null;
}

interface Read {
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly document: SigmaDocument | null;
  readonly refusal: string | null;
}

/**
 * Converts the rules of a file, or of all .yml and .yaml files below a folder; correlations may name
 * rules of other files there. Never throws: what cannot be read is an outcome too.
 */
export function convertSigma(path: string, regexCheck: RegexCheck): SigmaOutcome[] {
  const reads = filesOf(path).flatMap(([file, name]) => readFile(file, name));
  const byReference = new Map<string, Read[]>();
  for (const read of reads) {
    for (const reference of new Set([read.document?.name, read.document?.id])) {
      if (!reference) continue;
      byReference.set(reference, [...(byReference.get(reference) ?? []), read]);
    }
  }
  const find = (reference: string): SigmaRule => foundRule(reference, byReference);
  const silent = new Set<SigmaDocument>();
  for (const { document } of reads) {
    if (document?.kind !== 'correlation' || document.correlation.generate) continue;
    for (const reference of document.correlation.rules) {
      for (const { document: rule } of byReference.get(reference) ?? []) {
        if (rule !== null) silent.add(rule);
      }
    }
  }
  return reads.map(({ document, ...read }) => {
    if (document === null) return { ...read, query: null };
    try {
      const query = convert(document, find, regexCheck);
      return { ...read, query: silent.has(document) ? null : query };
    } catch (error) {
      if (!(error instanceof SigmaRefusal)) throw error;
      return { ...read, query: null, refusal: error.message };
    }
  });
}

function foundRule(
  reference: string,
  byReference: ReadonlyMap<string, readonly Read[]>,
): SigmaRule {
  const found = byReference.get(reference) ?? [];
  if (found.length === 0) throw new SigmaRefusal(`there is no rule ${quoted(reference)} here`);
  if (found.length > 1) throw new SigmaRefusal(`there are several rules ${quoted(reference)}`);
  const { document } = found[0] as Read;
  if (document?.kind === 'rule') return document;
  throw new SigmaRefusal(
    `${quoted(reference)} is a correlation: those of correlations are not read`,
  );
}

/** Files with the names that their rules get. */
function filesOf(path: string): [file: string, name: string][] {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!folder) return [[path, slug(path.slice(path.lastIndexOf('/') + 1))]];
  return globSync('**/*.{yml,yaml}', { cwd: path })
    .sort()
    .map((file) => [resolve(path, file), slug(relative('.', file))]);
}

function slug(path: string): string {
  return path.slice(0, path.length - extname(path).length).replaceAll(/[^\p{L}\p{N}]+/gu, '_');
}

function readFile(file: string, name: string): Read[] {
  let values: unknown[];
  try {
    values = yamlValues(file);
  } catch (error) {
    const refusal = `cannot be read: ${(error as Error).message.split('\n', 1)[0]}`;
    return [{ file, name, title: '', document: null, refusal }];
  }
  return values.map((value, i) => {
    const own = values.length === 1 ? name : `${name}_${i + 1}`;
    const title = titleOf(value);
    try {
      return { file, name: own, title, document: readDocument(value), refusal: null };
    } catch (error) {
      if (!(error instanceof SigmaRefusal)) throw error;
      return { file, name: own, title, document: null, refusal: error.message };
    }
  });
}

function titleOf(value: unknown): string {
  const title = (value as { title?: unknown } | null)?.title;
  return typeof title === 'string' ? title : '';
}

function yamlValues(file: string): unknown[] {
  const { size } = statSync(file);
  if (size > MOST_BYTES) throw new Error(`larger than 1 MiB (${size} bytes)`);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const values = Array.from(documents).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  });
  const real = values.filter((value) => value !== null);
  if (real.length === 0) throw new Error('it is empty');
  return real;
}

import type { OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';
import type { StreamGuard } from './guard.ts';
import { osqueryPattern } from './osquery-pattern.ts';
import type { PathPattern } from './path-pattern.ts';
import { matchTexts } from './path-set.ts';
import { cleanPath, hasUncleanPath } from './unclean-path.ts';

type Categories = Readonly<Record<string, readonly string[]>>;

export interface CategorizeOptions {
  readonly guard: StreamGuard;
  readonly filePaths: Categories;
  readonly excludePaths: Categories;
}

interface Category {
  readonly name: string;
  readonly wanted: readonly PathPattern[];
  readonly unwanted: readonly PathPattern[];
}

const MOVES_A_FILE = new Set(['rename', 'link']);

/**
 * Fills `category` of file events: the first category of file_paths whose patterns hold for the
 * file, or for the new name of a rename or link, and whose own exclude_paths do not. Other rows keep
 * NULL, which is what hides them from file_events while file_paths are configured.
 */
export function categorize(options: CategorizeOptions): OperatorFunction<EventBatch, EventBatch> {
  const categories = Object.entries(options.filePaths).map(
    ([name, patterns]): Category => ({
      name,
      wanted: patterns.map(osqueryPattern),
      unwanted: (options.excludePaths[name] ?? []).map(osqueryPattern),
    }),
  );
  const values = ['', ...categories.map((category) => category.name)];
  return options.guard.each('categorize', (batch) => {
    if (batch.className !== 'file' || categories.length === 0) return;
    const codes = categoryCodes(batch, categories);
    if (codes !== undefined) batch.setColumn('category', codes, values);
  });
}

function categoryCodes(
  batch: EventBatch,
  categories: readonly Category[],
): Uint32Array | undefined {
  const byTarget = categoriesOfEntries(batch, 'target_path', categories);
  const moves = matchTexts(batch, 'action', MOVES_A_FILE);
  const byDestination =
    moves === undefined ? undefined : categoriesOfEntries(batch, 'dest_path', categories);
  if (byTarget === undefined && byDestination === undefined) return undefined;

  const result = new Uint32Array(batch.rows);
  if (byTarget !== undefined) {
    const targets = batch.codes('target_path');
    for (let r = 0; r < result.length; r++) result[r] = byTarget[targets[r] as number] as number;
  }
  if (moves !== undefined && byDestination !== undefined) {
    const actions = batch.codes('action');
    const destinations = batch.codes('dest_path');
    for (let r = 0; r < result.length; r++) {
      if (result[r] !== 0 || moves[actions[r] as number] === 0) continue;
      result[r] = byDestination[destinations[r] as number] as number;
    }
  }
  return result;
}

/** By dictionary code: 1 + index of the category, 0 for none; undefined when no entry has one. */
function categoriesOfEntries(
  batch: EventBatch,
  column: string,
  categories: readonly Category[],
): Uint32Array | undefined {
  const { offsets, bytes } = batch.dictionary(column);
  const count = offsets.length - 1;
  const unclean = hasUncleanPath(bytes);
  let found: Uint32Array | undefined;
  for (let code = 1; code < count; code++) {
    const from = offsets[code] as number;
    const to = offsets[code + 1] as number;
    const path = unclean ? cleanPath(bytes.subarray(from, to)) : undefined;
    const index =
      path === undefined
        ? categoryOf(categories, bytes, from, to)
        : categoryOf(categories, path, 0, path.length);
    if (index < 0) continue;
    found ??= new Uint32Array(count);
    found[code] = index + 1;
  }
  return found;
}

/** Index of the first category that the path belongs to, or -1. */
function categoryOf(
  categories: readonly Category[],
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  for (let c = 0; c < categories.length; c++) {
    const { wanted, unwanted } = categories[c] as Category;
    if (!anyMatches(wanted, bytes, from, to)) continue;
    if (!anyMatches(unwanted, bytes, from, to)) return c;
  }
  return -1;
}

function anyMatches(
  patterns: readonly PathPattern[],
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  for (let p = 0; p < patterns.length; p++) {
    if ((patterns[p] as PathPattern).matches(bytes, from, to)) return true;
  }
  return false;
}

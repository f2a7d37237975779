import type { EventBatch } from '../sensor/batch.ts';
import type { PathPattern } from './path-pattern.ts';
import { climbs } from './unclean-path.ts';

/**
 * Asks for every entry of a text column's dictionary which of the patterns holds, once per entry
 * and not per row. A path that climbs matches nothing: `/excluded/../etc/passwd` must not hide.
 *
 * @returns by code: 1 + the index of the first pattern that holds, 0 for none (and for NULL);
 * undefined when no entry matched at all, so that rows need not be looked at
 */
export function matchEntries(
  batch: EventBatch,
  column: string,
  patterns: readonly PathPattern[],
): Uint16Array | undefined {
  const { offsets, bytes } = batch.dictionary(column);
  const count = offsets.length - 1;
  let found: Uint16Array | undefined;
  let from = offsets[1] as number;
  for (let code = 1; code < count; code++) {
    const to = offsets[code + 1] as number;
    for (let p = 0; p < patterns.length; p++) {
      if (!(patterns[p] as PathPattern).matches(bytes, from, to)) continue;
      if (climbs(bytes, from, to)) break;
      found ??= new Uint16Array(count);
      found[code] = p + 1;
      break;
    }
    from = to;
  }
  return found;
}

/** By code: 1 for each entry whose text is one of these; undefined when none is. */
export function matchTexts(
  batch: EventBatch,
  column: string,
  texts: ReadonlySet<string>,
): Uint16Array | undefined {
  const count = batch.dictionarySize(column);
  let found: Uint16Array | undefined;
  for (let code = 1; code < count; code++) {
    if (!texts.has(batch.text(column, code) ?? '')) continue;
    found ??= new Uint16Array(count);
    found[code] = 1;
  }
  return found;
}

import type { JsonDocument } from './jsonc.ts';
import type { JsonPath } from './key-path.ts';
import { isFields } from './layers.ts';

/** A file's part in it, as CheckedLayer has it. */
interface MergedLayer {
  readonly file: string | undefined;
  readonly replacesLists: boolean;
  readonly document: JsonDocument | undefined;
  readonly fields: unknown;
}

/** Where something of a merged document stands: in one of the files that it was merged of. */
interface PlaceInFile {
  readonly line?: number;
  readonly column?: number;
  readonly file?: string;
}

/** What problems are told of: a document, or several that are laid over each other. */
export interface Located {
  readonly value: unknown;
  locate(path: JsonPath): PlaceInFile;
}

interface Part {
  readonly layer: MergedLayer;
  readonly path: JsonPath; // in the layer's own document
  readonly value: unknown;
}

/** Of a list's item: the part that it came from, with the place that it has there. */
function itemOf(parts: readonly Part[], index: number): readonly Part[] {
  const replacing = parts.findLastIndex(
    ({ layer, value }) => layer.replacesLists && Array.isArray(value),
  );
  let before = 0;
  for (const { layer, path, value } of parts.slice(Math.max(0, replacing))) {
    if (!Array.isArray(value)) continue;
    const own = index - before;
    if (own < value.length) return [{ layer, path: [...path, own], value: value[own] }];
    before += value.length;
  }
  return [];
}

function below(parts: readonly Part[], step: string | number): readonly Part[] {
  if (typeof step === 'number') return itemOf(parts, step);
  return parts.flatMap(({ layer, path, value }) =>
    isFields(value) && Object.hasOwn(value, step)
      ? [{ layer, path: [...path, step], value: value[step] }]
      : [],
  );
}

/** Layers as one document; of what several say, the place in the one on top. */
export function mergedDocument(layers: readonly MergedLayer[], value: unknown): Located {
  const [only] = layers;
  if (layers.length === 1 && only?.document !== undefined && only.file === undefined) {
    return only.document;
  }
  const roots = layers.map((layer): Part => ({ layer, path: [], value: layer.fields }));
  return {
    value,
    locate(path) {
      let parts: readonly Part[] = roots;
      for (const step of path) {
        const found = below(parts, step);
        // What is missing is told of what it is missing in.
        if (found.length === 0) break;
        parts = found;
      }
      const top = parts.at(-1);
      if (top === undefined || parts === roots || top.layer.file === undefined) return {};
      const { file, document } = top.layer;
      return { file, ...documentPlace(document, top.path) };
    },
  };
}

/** osquery's options were moved: they stand elsewhere in the file than where they work. */
function documentPlace(document: JsonDocument | undefined, path: JsonPath): PlaceInFile {
  if (document === undefined) return {};
  const first = path[0];
  const moved = !isFields(document.value) || !Object.hasOwn(document.value, first ?? '');
  return document.locate(moved ? ['options'] : path);
}

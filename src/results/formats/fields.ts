/** A nested document; undefined values and empty objects are left out of it by `compact`. */
export interface Fields {
  readonly [name: string]: unknown;
}

/** The document without what is undefined, and without objects that are empty then. */
export function compact(fields: Fields): Fields {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    const inner = isFields(value) ? compact(value) : value;
    const empty = inner === undefined || (isFields(inner) && Object.keys(inner).length === 0);
    return empty ? [] : [[name, inner]];
  });
  return Object.fromEntries(kept);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

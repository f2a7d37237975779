export interface Difference {
  /** In the order of the current rows. */
  readonly added: readonly string[];
  /** Sorted. */
  readonly removed: readonly string[];
}

/**
 * What a run's rows have more and less than the last run's, counting equal rows.
 *
 * @param previous row text -> copies
 */
export function difference(
  previous: ReadonlyMap<string, number>,
  current: readonly string[],
): Difference {
  const left = new Map(previous);
  const added: string[] = [];
  for (const row of current) {
    const copies = left.get(row) ?? 0;
    if (copies === 0) added.push(row);
    else left.set(row, copies - 1);
  }
  const removed = [...left].flatMap(([row, copies]) => new Array<string>(copies).fill(row));
  return { added, removed: removed.sort() };
}

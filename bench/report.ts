/** Prints a table with right-aligned columns; the first column is text and left-aligned. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const width = head.map((name, i) => Math.max(name.length, ...rows.map((r) => r[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(width[i] ?? 0) : cell.padStart(width[i] ?? 0)))
      .join('  ');
  for (const row of [head, width.map((n) => '-'.repeat(n)), ...rows]) {
    process.stdout.write(`${line(row).trimEnd()}\n`);
  }
}

/** NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

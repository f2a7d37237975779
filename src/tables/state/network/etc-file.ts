/** What stands before the remark of each line, and the remark; lines that are only one are left out. */
export function commented(
  lines: readonly string[],
): { readonly before: string; readonly comment: string }[] {
  return lines.flatMap((line) => {
    const at = line.indexOf('#');
    const before = at < 0 ? line : line.slice(0, at);
    if (before.trim() === '') return [];
    return [{ before, comment: at < 0 ? '' : line.slice(at + 1).trim() }];
  });
}

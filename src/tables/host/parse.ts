/** Small readers of the formats that files of the system share. */

/** `KEY=value` lines; quotes around a value are taken off, as in /etc/os-release. */
export function keyValues(lines: readonly string[], separator = '='): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(separator);
    if (at <= 0 || line.trimStart().startsWith('#')) continue;
    values.set(line.slice(0, at).trim(), unquote(line.slice(at + separator.length).trim()));
  }
  return values;
}

/** Takes off one pair of quotes, and what a backslash protects inside. */
export function unquote(text: string): string {
  const quote = text[0];
  if ((quote !== '"' && quote !== "'") || text.length < 2 || !text.endsWith(quote)) return text;
  const inner = text.slice(1, -1);
  return quote === '"' ? inner.replaceAll(/\\([\\"$`])/g, '$1') : inner;
}

/** Words of a line between blanks and tabs. */
export function words(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** Lines that say something: without comments (from `#`) and without empty ones. */
export function meaningful(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/#.*$/, '').trim()).filter((line) => line !== '');
}

/** A whole number in decimal, or undefined. */
export function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text.trim()) ? Number(text) : undefined;
}

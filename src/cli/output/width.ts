const NARROW = /^[\u0020-\u007e]*$/;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
// Two cells in every terminal: East Asian scripts, full-width forms, emoji.
const WIDE =
  /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}|\p{Emoji_Presentation}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])$/u;

function cells(character: string): number {
  if (NARROW.test(character)) return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cells of a terminal's line. A serial console, or one that nobody gave a size, says 0. */
export function terminalWidth(terminal: { readonly columns?: number }): number {
  return terminal.columns || 80;
}

/** Cells that a terminal gives to the text. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += cells(character);
  return width;
}

/** The text in at most `width` cells, its end replaced by … when it is longer. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let used = 0;
  let kept = '';
  for (const character of text) {
    const next = cells(character);
    if (used + next > width - 1) break;
    used += next;
    kept += character;
  }
  return `${kept}…`;
}

/** A path of several folders, as far as there is no space in it: its first folder, and the rest. */
const PATH = /(?<=^| )(\/[^/ ]+)(\/[^ ]+)/g;

/**
 * As `shorten`, but paths give way first, as far as half the width, and in their middle: which file
 * it is stands at their end, and whose it may be at their begin.
 */
export function shortenPaths(text: string, width: number): string {
  let excess = displayWidth(text) - width;
  const shorter = text.replaceAll(PATH, (path: string, first: string, rest: string) => {
    const whole = displayWidth(path);
    const room = Math.max(Math.floor(width / 2), whole - excess);
    if (room >= whole) return path;
    const head = displayWidth(first) < room / 2 ? first : '';
    const short = `${head}…${lastCells(rest, room - displayWidth(head) - 1)}`;
    excess -= whole - displayWidth(short);
    return short;
  });
  return shorten(shorter, width);
}

/** The text's last characters, as many as fit. */
function lastCells(text: string, width: number): string {
  let used = 0;
  let kept = '';
  for (const character of [...text].reverse()) {
    used += cells(character);
    if (used > width) break;
    kept = character + kept;
  }
  return kept;
}

/** The text followed by spaces up to `width` cells. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

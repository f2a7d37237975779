/**
 * What a terminal could act on, or be confused by: control characters (C0, DEL, C1), line and
 * paragraph separators, and the marks that turn the direction of writing.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOne(character: string): string {
  const code = character.charCodeAt(0);
  const digits = code.toString(16);
  return (
    NAMED[character] ??
    (code < 256 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`)
  );
}

/** Text for a terminal: harmless and on one line. */
export function safeText(text: string): string {
  return text.replaceAll(UNSAFE, escapeOne);
}

/** The same inside JSON, where only \uXXXX is known. JSON.stringify has taken care of C0. */
export function safeJson(json: string): string {
  return json.replaceAll(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

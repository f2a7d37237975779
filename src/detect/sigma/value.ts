import type { Piece } from './expression.ts';

/**
 * A text of a rule: `*` any characters, `?` one; a backslash before one of them, or before another
 * backslash, makes it plain, and is itself plain before anything else.
 */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') pieces.push({ text: plain });
    plain = '';
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    const next = text[i + 1];
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      plain += next;
      i++;
    } else if (character === '*' || character === '?') {
      flush();
      pieces.push(character);
    } else {
      plain += character;
    }
  }
  flush();
  return pieces;
}

/** The text when there are no wildcards in it, else null. */
export function plainOf(pieces: readonly Piece[]): string | null {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') return null;
    text += piece.text;
  }
  return text;
}

/** The forms that base64 gives to bytes at the three places where they can begin within others. */
export function base64Offsets(bytes: Buffer): string[] {
  const first = [0, 2, 3];
  const last = [undefined, -3, -2];
  return first.map((start, i) =>
    Buffer.concat([Buffer.alloc(i, ' '), bytes])
      .toString('base64')
      .slice(start, last[(bytes.length + i) % 3]),
  );
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'];

/**
 * All ways to write a pattern whose options begin with a dash, as Windows programs take them.
 * Null when there are more than `most`.
 */
export function windash(pieces: readonly Piece[], most: number): Piece[][] | null {
  let forms: Piece[][] = [[]];
  for (const piece of pieces) {
    const ways: Piece[] | null = typeof piece === 'string' ? [piece] : dashed(piece.text, most);
    if (ways === null || forms.length * ways.length > most) return null;
    forms = forms.flatMap((form) => ways.map((way) => [...form, way]));
  }
  return forms;
}

function dashed(text: string, most: number): Piece[] | null {
  const parts = text.split(/\B[-/]\b/);
  if (DASHES.length ** (parts.length - 1) > most) return null;
  const [first = '', ...rest] = parts;
  let forms = [first];
  for (const part of rest) {
    forms = forms.flatMap((form) => DASHES.map((dash) => form + dash + part));
  }
  return forms.map((form) => ({ text: form }));
}

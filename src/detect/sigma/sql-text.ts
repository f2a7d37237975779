import type { Piece } from './expression.ts';

export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `expression LIKE ...` for a pattern that has to cover all of the value; ASCII case is ignored. */
export function likeSql(expression: string, pieces: readonly Piece[]): string {
  if (pieces.length === 0) return `${expression} = ''`;
  let escaped = false;
  const pattern = withoutRuns(pieces).map((piece) => {
    if (piece === '*') return '%';
    if (piece === '?') return '_';
    return piece.text.replaceAll(/[%_\\]/g, (character) => {
      escaped = true;
      return `\\${character}`;
    });
  });
  // Without ESCAPE the store can apply the pattern to each different text of a block once. A
  // backslash is plain there.
  if (!escaped || !/\\[%_]/.test(pattern.join(''))) {
    const plain = pattern.join('').replaceAll('\\\\', '\\');
    return `${expression} LIKE ${sqlString(plain)}`;
  }
  return `${expression} LIKE ${sqlString(pattern.join(''))} ESCAPE '\\'`;
}

/** The same with letters as they are written. */
export function globSql(expression: string, pieces: readonly Piece[]): string {
  if (pieces.every((piece) => typeof piece !== 'string')) {
    const text = pieces.map((piece) => (piece as { text: string }).text).join('');
    return `${expression} = ${sqlString(text)}`;
  }
  const pattern = withoutRuns(pieces).map((piece) =>
    typeof piece === 'string' ? piece : piece.text.replaceAll(/[*?[]/g, '[$&]'),
  );
  return `${expression} GLOB ${sqlString(pattern.join(''))}`;
}

/** Each star of a run would be tried at each place. */
function withoutRuns(pieces: readonly Piece[]): readonly Piece[] {
  return pieces.filter((piece, i) => piece !== '*' || pieces[i - 1] !== '*');
}

/** Operands of one level of a chain: SQLite counts each as a level of depth, and takes 1,000. */
const FLAT = 16;

/** Joins conditions as a balanced tree, so that thousands of them stay below SQLite's depth. */
export function balanced(operator: 'AND' | 'OR', conditions: readonly string[]): string {
  if (conditions.length === 1) return conditions[0] as string;
  if (conditions.length <= FLAT) return `(${conditions.join(` ${operator} `)})`;
  const size = Math.ceil(conditions.length / FLAT);
  const groups: string[] = [];
  for (let at = 0; at < conditions.length; at += size) {
    groups.push(balanced(operator, conditions.slice(at, at + size)));
  }
  return balanced(operator, groups);
}

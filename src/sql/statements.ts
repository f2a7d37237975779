/** A quoted string or name, a comment, or one other character; in an unfinished one, to the end. */
const PIECE =
  /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\s\S]/g;

export interface Split {
  /** Complete statements without their semicolons; empty ones are left out. */
  readonly statements: readonly string[];
  /** What follows the last semicolon. */
  readonly rest: string;
}

/** Splits at the semicolons that end statements, as sqlite3_complete sees them (no triggers). */
export function splitStatements(sql: string): Split {
  const statements: string[] = [];
  let from = 0;
  let meaning = false;
  for (const match of sql.matchAll(PIECE)) {
    const piece = match[0];
    if (piece === ';') {
      if (meaning) statements.push(sql.slice(from, match.index).trim());
      from = match.index + 1;
      meaning = false;
    } else if (!/^(?:\s|--|\/\*)/.test(piece)) {
      meaning = true;
    }
  }
  return { statements, rest: sql.slice(from) };
}

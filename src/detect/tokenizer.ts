export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'operator';

/** A token of SQL text; comments and white space are none. */
export interface Token {
  readonly kind: TokenKind;
  /** word: upper case; quoted: the identifier without quotes; else as written. */
  readonly text: string;
  readonly start: number; // offset in the text
  readonly end: number;
  /** Open parentheses around it. */
  readonly depth: number;
}

// In the order of SQLite's own tokenizer. Whatever ends early runs to the end of the text: SQLite
// will say what is wrong with it. 'word' and string "..." are told apart by their first character.
const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$))`,
    "(?<string>[xX]?'(?:[^']|'')*(?:'|$))",
    String.raw`(?<quoted>"(?:[^"]|"")*(?:"|$)|${'`'}(?:[^${'`'}]|${'``'})*(?:${'`'}|$)|\[[^\]]*(?:\]|$))`,
    String.raw`(?<number>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<word>[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*)`,
    String.raw`(?<parameter>[?:@$#][\w$:]*)`,
    String.raw`(?<operator>\|\||->>?|<<|>>|<=|>=|<>|==|!=|[^])`,
  ].join('|'),
  'guy',
);

/** Splits SQL text the way SQLite does. Never fails: what SQLite refuses, it will refuse itself. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const match of sql.matchAll(PATTERN)) {
    const groups = match.groups as Record<string, string | undefined>;
    const raw = match[0];
    if (groups.space !== undefined || raw === '') continue;
    const kind = KINDS.find((name) => groups[name] !== undefined) ?? 'operator';
    if (raw === ')') depth--;
    const start = match.index;
    tokens.push({ kind, text: textOf(kind, raw), start, end: start + raw.length, depth });
    if (raw === '(') depth++;
  }
  return tokens;
}

const KINDS: readonly TokenKind[] = ['string', 'quoted', 'number', 'word', 'parameter', 'operator'];

function textOf(kind: TokenKind, raw: string): string {
  if (kind === 'word') return raw.toUpperCase();
  if (kind !== 'quoted') return raw;
  const close = raw[0] === '[' ? ']' : (raw[0] as string);
  const inner = raw.slice(1, raw.endsWith(close) && raw.length > 1 ? -1 : undefined);
  return close === ']' ? inner : inner.replaceAll(close + close, close);
}

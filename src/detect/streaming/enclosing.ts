import type { Token } from '../tokenizer.ts';

/** Tokens from start up to, not with, end. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a token stands in: the whole text first, then each pair of parentheses, innermost last. */
export function enclosing(tokens: readonly Token[], token: number): readonly Span[] {
  const open: number[] = [];
  for (let i = 0; i < token; i++) {
    const { text } = tokens[i] as Token;
    if (text === '(') open.push(i);
    else if (text === ')') open.pop();
  }
  const spans: Span[] = [{ start: 0, end: tokens.length }];
  for (const start of open) {
    const { depth } = tokens[start] as Token;
    let end = start + 1;
    while (end < tokens.length && !(tokens[end]?.depth === depth && tokens[end]?.text === ')'))
      end++;
    spans.push({ start: start + 1, end });
  }
  return spans;
}

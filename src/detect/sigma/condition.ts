import { type Expression, join } from './expression.ts';
import { quoted, SigmaRefusal } from './refusal.ts';

/** Deeper ones are nobody's rule, and SQLite nests expressions to 1,000 levels only. */
const MOST_DEPTH = 64;
const TOKEN = /\s*(?:([()|])|([^\s()|]+))/y;

/**
 * Reads a condition: `not` binds closest, then `and`, then `or`; `1 of`, `any of` and `all of` take
 * `them` (identifiers that begin with _ left out) or a pattern of identifiers.
 *
 * @param selections the rule's search identifiers
 * @throws SigmaRefusal
 */
export function parseCondition(
  text: string,
  selections: ReadonlyMap<string, Expression>,
): Expression {
  const parser = new ConditionParser(tokensOf(text), selections);
  return parser.whole();
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const rest = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const match = TOKEN.exec(rest);
    if (match === null) break;
    tokens.push(match[1] ?? (match[2] as string));
  }
  if (tokens.length === 0) throw new SigmaRefusal('the condition is empty');
  return tokens;
}

class ConditionParser {
  readonly #tokens: readonly string[];
  readonly #selections: ReadonlyMap<string, Expression>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], selections: ReadonlyMap<string, Expression>) {
    this.#tokens = tokens;
    this.#selections = selections;
  }

  whole(): Expression {
    const expression = this.#or();
    const left = this.#tokens[this.#at];
    if (left === '|') {
      throw new SigmaRefusal(
        'the condition has an aggregation (|), which Sigma gave up: write a correlation rule',
      );
    }
    if (left !== undefined) {
      throw new SigmaRefusal(`the condition has ${quoted(left)} where and, or or its end belongs`);
    }
    return expression;
  }

  #or(): Expression {
    const parts = [this.#and()];
    while (this.#takes('or')) parts.push(this.#and());
    return join('or', parts);
  }

  #and(): Expression {
    const parts = [this.#not()];
    while (this.#takes('and')) parts.push(this.#not());
    return join('and', parts);
  }

  #not(): Expression {
    if (++this.#depth > MOST_DEPTH) {
      throw new SigmaRefusal(`the condition is nested deeper than ${MOST_DEPTH} levels`);
    }
    const expression: Expression = this.#takes('not')
      ? { op: 'not', of: this.#not() }
      : this.#primary();
    this.#depth--;
    return expression;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SigmaRefusal('the condition ends too early');
    if (token === '(') {
      const expression = this.#or();
      if (this.#tokens[this.#at++] !== ')') {
        throw new SigmaRefusal('the condition has a parenthesis that is not closed');
      }
      return expression;
    }
    if (this.#tokens[this.#at]?.toLowerCase() === 'of' && !this.#selections.has(token)) {
      this.#at++;
      return this.#of(token.toLowerCase());
    }
    const selection = this.#selections.get(token);
    if (selection === undefined) {
      throw new SigmaRefusal(`the condition names ${quoted(token)}, which the rule does not have`);
    }
    return selection;
  }

  #of(quantity: string): Expression {
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all') {
      throw new SigmaRefusal(`the condition has "${quantity} of"; there are 1 of, any of, all of`);
    }
    const pattern = this.#tokens[this.#at++];
    if (pattern === undefined || pattern === '(' || pattern === ')' || pattern === '|') {
      throw new SigmaRefusal(`"${quantity} of" needs them or a pattern such as selection_*`);
    }
    const found = [...this.#selections].filter(([name]) =>
      pattern.toLowerCase() === 'them' ? !name.startsWith('_') : covers(pattern, name),
    );
    if (found.length === 0) {
      throw new SigmaRefusal(
        `"${quantity} of ${pattern}" means nothing: the rule has no such selection`,
      );
    }
    return join(
      quantity === 'all' ? 'and' : 'or',
      found.map(([, expression]) => expression),
    );
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }
}

/** `*` stands for any characters. Linear but for the number of stars. */
function covers(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  const last = rest.pop() as string;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - at >= last.length && name.endsWith(last);
}

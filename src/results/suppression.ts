/** Seconds: what is silent for ever is forgotten. */
export const LONGEST_SUPPRESSION = 366 * 86_400;

/** A column of a matching row, and what it must be. */
export interface SuppressionCondition {
  readonly column: string;
  /** is: exactly the text. like: all of it fits the pattern, * any text, ? one character. */
  readonly how: 'is' | 'like';
  readonly text: string;
}

/** What a person wants to hear nothing of for a while. */
export interface NewSuppression {
  readonly rule: string;
  /** All must hold; none: every row of the rule. */
  readonly conditions: readonly SuppressionCondition[];
  /** Why, for whoever reads the list later. */
  readonly reason: string;
}

export interface Suppression extends NewSuppression {
  readonly id: number;
  /** Seconds since 1970; `until` is the first second in which it no longer holds. */
  readonly created: number;
  readonly until: number;
  /** Rows that would have been detections. */
  readonly count: number;
  /** Seconds since 1970, null: none yet. */
  readonly lastTime: number | null;
}

/**
 * Whether a row is what the conditions mean. A column that the row does not have fits nothing, so
 * that a misspelt one silences nothing.
 *
 * @param row JSON object text
 */
export function fits(conditions: readonly SuppressionCondition[], row: string): boolean {
  if (conditions.length === 0) return true;
  const columns = JSON.parse(row) as Readonly<Record<string, unknown>>;
  return conditions.every(({ column, how, text }) => {
    if (!Object.hasOwn(columns, column)) return false;
    const value = String(columns[column] ?? '');
    return how === 'is' ? value === text : like(text, value);
  });
}

/** In time of pattern times text at most: whoever is watched chooses the text. */
function like(pattern: string, text: string): boolean {
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (from < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = from;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

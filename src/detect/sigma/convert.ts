import type { z } from 'zod';
import type { querySchema } from '../pack-schema.ts';
import { correlationSql } from './correlation.ts';
import type { Expression } from './expression.ts';
import { branchesOf } from './log-source.ts';
import { SigmaRefusal } from './refusal.ts';
import type { SigmaDocument, SigmaRule } from './rule.ts';
import { conditionSql } from './sql.ts';

/** SQLite takes a million bytes. */
const LONGEST_SQL = 900_000;

/** A query as a pack has it. */
export type ConvertedQuery = z.input<typeof querySchema>;

/** A regular expression that cannot be used: why, else null. */
export type RegexCheck = (pattern: string) => string | null;

/**
 * A rule or correlation as a streaming query of a pack.
 *
 * @param find rules that a correlation names
 * @throws SigmaRefusal
 */
export function convert(
  document: SigmaDocument,
  find: (reference: string) => SigmaRule,
  regexCheck: RegexCheck,
): ConvertedQuery {
  if (document.kind === 'rule') checkPatterns(document.condition, regexCheck);
  const query = document.kind === 'rule' ? ruleSql(document) : correlationSql(document, find);
  if (Buffer.byteLength(query) > LONGEST_SQL) {
    throw new SigmaRefusal(`its SQL would be longer than ${LONGEST_SQL} bytes`);
  }
  const attack = document.tags.flatMap((tag) => {
    const technique = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1];
    return technique === undefined ? [] : [technique.toUpperCase()];
  });
  const { level, title, description, falsepositives, references } = document;
  return {
    mode: 'streaming',
    query,
    severity: level === 'informational' ? 'info' : (level ?? 'medium'),
    attack: [...new Set(attack)],
    description: description ? `${title}: ${description.trim()}` : title,
    false_positives: falsepositives,
    references,
  };
}

/** A row for each event of the rule. */
function ruleSql({ logsource, condition }: SigmaRule): string {
  return branchesOf(logsource, condition)
    .map((branch) => {
      const columns = branch.shows.map((name) => `e.${name}`).join(', ');
      const where = conditionSql(condition, branch, 'e');
      return `SELECT ${columns} FROM ${branch.table} AS e WHERE ${where}`;
    })
    .join(' UNION ALL ');
}

function checkPatterns(expression: Expression, check: RegexCheck): void {
  if (expression.op === 'test') {
    const { test } = expression;
    const wrong = test.kind === 'regex' ? check(test.pattern) : null;
    if (wrong !== null) throw new SigmaRefusal(`regular expression: ${wrong}`);
  } else if (expression.op === 'not') checkPatterns(expression.of, check);
  else for (const part of expression.of) checkPatterns(part, check);
}

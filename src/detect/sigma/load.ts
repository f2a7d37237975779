import { type Problem, problemText } from '../../config/problems.ts';
import { compile, type PackOptions } from '../pack.ts';
import { querySchema } from '../pack-schema.ts';
import type { ScheduledQuery } from '../scheduled-query.ts';
import { openSqlChecker } from '../sql-check.ts';
import type { RegexCheck } from './convert.ts';
import { convertSigma, type SigmaOutcome } from './files.ts';

export interface SigmaOptions extends Omit<PackOptions, 'hostname'> {
  /** Without it, a wrong regular expression is found only when the rule runs. */
  readonly regex?: RegexCheck | undefined;
}

export interface LoadedSigma {
  readonly queries: readonly ScheduledQuery[];
  readonly problems: readonly { readonly severity: Problem['severity']; readonly text: string }[];
  /** Those with a query can be used. */
  readonly outcomes: readonly SigmaOutcome[];
}

/** The rules of a file or folder as streaming rules. Never throws. */
export function loadSigma(path: string, options: SigmaOptions): LoadedSigma {
  const defaults = { interval: options.defaultInterval, views: options.views };
  const queries: ScheduledQuery[] = [];
  const problems: { severity: Problem['severity']; text: string }[] = [];
  const outcomes = convertSigma(path, options.regex ?? (() => null)).map((outcome) => {
    let { refusal } = outcome;
    if (outcome.query !== null) {
      const name = ['pack', 'sigma', outcome.name].join(options.delimiter);
      // A correlation looks back from its last event by design: its warnings are for joins.
      const result = compile(name, querySchema.parse(outcome.query), defaults, options.check);
      if (result.query !== null) queries.push(result.query);
      else refusal = result.problems.map(([, , message]) => message).join('; ');
    }
    if (refusal === null) return outcome;
    const problem = { severity: 'error', path: outcome.title, message: refusal } as const;
    problems.push({ severity: 'error', text: problemText(problem, outcome.file) });
    return { ...outcome, query: null, refusal };
  });
  return { queries, problems, outcomes };
}

/**
 * The same by itself, for the command line.
 *
 * @throws WeirError SQL_EXTENSION when weir's tables cannot be loaded.
 */
export function checkSigma(path: string): LoadedSigma {
  const checker = openSqlChecker();
  try {
    const { check, regex } = checker;
    return loadSigma(path, { delimiter: '_', defaultInterval: 3600, check, regex });
  } finally {
    checker.close();
  }
}

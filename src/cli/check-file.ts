import { WeirError } from '../config/errors.ts';
import { type Problem, problemText } from '../config/problems.ts';
import type { Invocation } from './command.ts';
import { counted } from './output/counted.ts';
import { safeText } from './output/safe-text.ts';

/** `check FILE`: the file. @throws WeirError USAGE for any other word than check */
export function fileToCheck({ args }: Invocation): string {
  const [word, file = ''] = args;
  if (word !== 'check') {
    throw new WeirError('USAGE', `unknown word ${word}; there is check`, { exitCode: 64 });
  }
  return file;
}

/** A problem as a line. */
export interface ProblemLine {
  readonly severity: Problem['severity'];
  readonly text: string;
}

export function problemLines(file: string, problems: readonly Problem[]): ProblemLine[] {
  return problems.map((problem) => ({
    severity: problem.severity,
    text: problemText(problem, file),
  }));
}

/** Prints every problem; 78 when one is an error, else 0. */
export function reportProblems(file: string, problems: readonly ProblemLine[]): number {
  for (const { text } of problems) process.stdout.write(`${safeText(text)}\n`);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const all = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  process.stdout.write(`${safeText(file)}: ${problems.length === 0 ? 'fine' : all}\n`);
  return errors > 0 ? 78 : 0;
}

import { checkConfigFile } from '../config/check.ts';
import { checkConfiguredQueries } from '../detect/check-config.ts';
import { fileToCheck, problemLines, reportProblems } from './check-file.ts';
import type { Run } from './command.ts';

export const run: Run = async (invocation) => {
  const file = fileToCheck(invocation);
  const own = problemLines(file, checkConfigFile(file));
  // What is in packs and schedule is only known once the document around them is right.
  const wrong = own.some(({ severity }) => severity === 'error');
  return reportProblems(file, wrong ? own : [...own, ...checkConfiguredQueries(file)]);
};

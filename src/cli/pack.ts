import { checkPack } from '../detect/check-pack.ts';
import { fileToCheck, problemLines, reportProblems } from './check-file.ts';
import type { Run } from './command.ts';

export const run: Run = async (invocation) => {
  const file = fileToCheck(invocation);
  return reportProblems(file, problemLines(file, checkPack(file)));
};

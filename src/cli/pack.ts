import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkPack } from '../detect/check-pack.ts';
import { fileToCheck, problemLines, reportProblems } from './check-file.ts';
import { type Invocation, isSet, type Run } from './command.ts';
import { locate } from './location.ts';

export const run: Run = async (invocation) => {
  fileToCheck(invocation);
  if (isSet(invocation, 'compat')) return await checkCompatibility(invocation);
  const codes = invocation.args
    .slice(1)
    .map((file) => reportProblems(file, problemLines(file, checkPack(file))));
  return Math.max(...codes);
};

async function checkCompatibility(invocation: Invocation): Promise<number> {
  const store = join((await locate(invocation)).stateDir, 'events.db');
  const { compatReport } = await import('./pack-compat.ts');
  return compatReport(invocation.args.slice(1), existsSync(store) ? store : undefined);
}

import { WeirError } from '../config/errors.ts';
import { checkSigma, type LoadedSigma } from '../detect/sigma/load.ts';
import { modeOf, styleOf } from './asked.ts';
import { reportProblems } from './check-file.ts';
import type { Invocation, Run } from './command.ts';
import { locate } from './location.ts';
import { openSource } from './open-source.ts';
import { makeFormatter, screenOf } from './output/make-formatter.ts';
import { safeText } from './output/safe-text.ts';
import { printRows } from './print-rows.ts';

export const run: Run = async (invocation) => {
  const [word, path = ''] = invocation.args;
  switch (word) {
    case 'check': {
      const { queries, problems } = checkSigma(path);
      process.stdout.write(`${queries.length} of ${queries.length + problems.length} rules\n`);
      return reportProblems(path, problems);
    }
    case 'convert':
      return convert(checkSigma(path));
    case 'run':
      return await runRules(checkSigma(path), invocation);
    default:
      throw new WeirError('USAGE', `unknown word ${word}; there are check, convert and run`, {
        exitCode: 64,
      });
  }
};

/** A pack with what can be converted; the rest is told on standard error. */
function convert({ outcomes, problems }: LoadedSigma): number {
  const queries = Object.fromEntries(
    outcomes.flatMap(({ name, query }) => (query === null ? [] : [[name, query]])),
  );
  process.stdout.write(`${JSON.stringify({ queries }, null, 2)}\n`);
  return refused(problems);
}

function refused(problems: LoadedSigma['problems']): number {
  for (const problem of problems) process.stderr.write(`${safeText(problem.text)}\n`);
  return problems.length > 0 ? 78 : 0;
}

/** Asks each rule about all stored events. */
async function runRules(
  { outcomes, problems }: LoadedSigma,
  invocation: Invocation,
): Promise<number> {
  const mode = modeOf(invocation);
  const style = styleOf(invocation);
  let code = refused(problems);
  const source = await openSource(await locate(invocation));
  try {
    for (const { name, query } of outcomes) {
      if (query === null) continue;
      process.stderr.write(`${safeText(name)}: ${safeText(query.description ?? '')}\n`);
      try {
        const result = source.ask(query.query, { timeoutMs: 0, maxRows: 0 });
        const formatter = makeFormatter(mode, screenOf(process.stdout), style);
        await printRows(result, formatter);
      } catch (error) {
        // The other rules run all the same.
        if (!(error instanceof WeirError)) throw error;
        process.stderr.write(`weir: ${safeText(`${name}: ${error.message}`)}\n`);
        code = 1;
      }
    }
    return code;
  } finally {
    await source.close();
  }
}

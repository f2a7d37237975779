import { WeirError } from '../config/errors.ts';
import type { QueryStats } from '../sql/types.ts';
import { modeOf, statementsAsked, statementsIn, styleOf } from './asked.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { locate } from './location.ts';
import { openSource } from './open-source.ts';
import { counted } from './output/counted.ts';
import { makeFormatter, NO_SCREEN, screenOf } from './output/make-formatter.ts';
import { openOutput } from './output/open-output.ts';
import { safeText } from './output/safe-text.ts';
import { printRows } from './print-rows.ts';

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY) {
    throw new WeirError('USAGE', 'no SQL given', { exitCode: 64 });
  }
  let sql = '';
  for await (const part of process.stdin.setEncoding('utf8')) sql += part;
  return sql;
}

function timeout(invocation: Invocation): { readonly timeoutMs?: number } {
  const given = text(invocation, 'timeout');
  if (given === undefined) return {};
  const seconds = Number(given);
  if (given.trim() === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > 86_400) {
    throw new WeirError('USAGE', '--timeout takes seconds from 0 to 86400', { exitCode: 64 });
  }
  return { timeoutMs: Math.ceil(seconds * 1000) };
}

export const run: Run = async (invocation) => {
  const mode = modeOf(invocation);
  const style = styleOf(invocation);
  const limits = timeout(invocation);
  const asked = (await statementsAsked(invocation)) ?? statementsIn(await standardInput());
  const [first] = asked;
  if (first?.sql.trimStart().startsWith('.')) {
    const message = `${first.sql.split(/\s/)[0]} is for the shell: weir shell ${JSON.stringify(first.sql)}`;
    throw new WeirError('USAGE', message, { exitCode: 64 });
  }
  const source = await openSource(await locate(invocation));
  const file = text(invocation, 'output');
  const output = await openOutput(file);
  const screen = file === undefined ? screenOf(process.stdout) : NO_SCREEN;
  let code = 0;
  try {
    for (const { name, sql } of asked) {
      if (name !== undefined) process.stderr.write(`${safeText(name)}\n`);
      try {
        const result = source.ask(sql, { ...limits, maxRows: 0 });
        const formatter = makeFormatter(mode, screen, style);
        const { stats } = await printRows(result, formatter, output);
        if (isSet(invocation, 'stats')) sayStatistics(stats);
      } catch (error) {
        // The other queries of a pack run all the same.
        if (name === undefined || !(error instanceof WeirError)) throw error;
        process.stderr.write(`weir: ${safeText(`${name}: ${error.message}`)}\n`);
        code = 1;
      }
    }
    await output.done();
    return code;
  } catch (error) {
    await output.abandon();
    throw error;
  } finally {
    await source.close();
  }
};

function sayStatistics({ rows, wallMs, cpu, scan }: QueryStats): void {
  process.stderr.write(
    `${counted(rows, 'row')} in ${wallMs.toFixed(1)} ms, ${(cpu.userMs + cpu.systemMs).toFixed(1)} ms of processor time; ` +
      `${scan.blocks} blocks, ${scan.skipped} skipped unread, ${scan.rows} rows scanned\n`,
  );
}

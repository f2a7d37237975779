import { WeirError } from '../config/errors.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { locate } from './location.ts';
import { MODES, type Mode } from './output/formatter.ts';
import { makeFormatter, screenOf } from './output/make-formatter.ts';
import { printRows } from './print-rows.ts';
import { openSource } from './row-source.ts';

/** @throws WeirError USAGE when more than one format is asked for */
export function modeOf(invocation: Invocation): Mode {
  const asked = MODES.filter((mode) => isSet(invocation, mode));
  if (asked.length > 1) {
    const names = asked.map((mode) => `--${mode}`).join(' and ');
    throw new WeirError('USAGE', `${names} exclude each other`, { exitCode: 64 });
  }
  return asked[0] ?? 'table';
}

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
  const limits = timeout(invocation);
  const sql = invocation.args[0] ?? (await standardInput());
  const source = await openSource(await locate(invocation));
  try {
    const result = source.ask(sql, { ...limits, maxRows: 0 });
    const formatter = makeFormatter(mode, screenOf(process.stdout));
    const { stats } = await printRows(result, formatter, process.stdout);
    if (isSet(invocation, 'stats')) {
      const { blocks, skipped, rows } = stats.scan;
      process.stderr.write(
        `${stats.rows} rows in ${stats.wallMs.toFixed(1)} ms; ` +
          `${blocks} blocks, ${skipped} skipped unread, ${rows} rows scanned\n`,
      );
    }
    return 0;
  } finally {
    await source.close();
  }
};

import { resolve } from 'node:path';
import { WeirError } from '../config/errors.ts';
import type { SqlValue } from '../sql/types.ts';
import { hotSources } from '../tables/hot-sources.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { addLine, quoted } from './exclusions/rule.ts';
import { PLACES } from './flags.ts';
import { locate } from './location.ts';
import { openEvents } from './open-source.ts';
import { makeFormatter, screenOf } from './output/make-formatter.ts';
import { safeText } from './output/safe-text.ts';
import { printRows } from './print-rows.ts';
import type { RowStream } from './row-source.ts';

const DEFAULT_SECONDS = 20;

function seconds(invocation: Invocation): number {
  const given = text(invocation, 'seconds');
  if (given === undefined) return DEFAULT_SECONDS;
  if (/^[1-9]\d{0,4}$/.test(given) && Number(given) <= 86_400) return Number(given);
  const message = `--seconds takes a whole number from 1 to 86400, not ${given}`;
  throw new WeirError('USAGE', message, { exitCode: 64 });
}

/** What leads to the daemon that was asked, for the lines to paste. */
function placesOf(invocation: Invocation): string {
  const given = PLACES.map(({ name }) => [name, text(invocation, name)] as const);
  const said = given.filter(([, value]) => value !== undefined);
  return said.map(([name, value]) => ` --${name} ${quoted(resolve(value ?? ''))}`).join('');
}

/** As wide as is readable; the rule below it is never cut, as it is there to be pasted. */
function sourceLines(row: readonly SqlValue[], places: string): string {
  const [, name, classes, rows, events, bytes, percent, rule, label] = row;
  const numbers = [
    String(rows).padStart(9),
    String(events).padStart(10),
    `${(Number(bytes) / 1024).toFixed(1)} KiB`.padStart(13),
    `${Number(percent).toFixed(1)} %`.padStart(8),
  ].join(' ');
  const called = label === null ? '' : `${safeText(String(label))}: `;
  const line = `${numbers}  ${called}${safeText(String(name))} (${safeText(String(classes))})\n`;
  // A name that is no UTF-8 arrives with U+FFFD: a rule of it would hold for nothing.
  if (rule === null || String(rule).includes('\ufffd')) return line;
  const words = addLine(JSON.parse(String(rule)) as Record<string, unknown>, places);
  return `${line}${' '.repeat(8)}${safeText(words)}\n`;
}

async function printSources(result: RowStream, places: string): Promise<number> {
  let kind = '';
  let count = 0;
  for await (const rows of result.rows) {
    for (const row of rows) {
      if (row[0] !== kind) {
        kind = String(row[0]);
        process.stdout.write(`${count === 0 ? '' : '\n'}${kind.replace('_', ' ')}\n`);
        process.stdout.write('     rows     events        stored  of rows\n');
      }
      process.stdout.write(sourceLines(row, places));
      count++;
    }
  }
  return count;
}

/** `weir statistics`: what fills the store, with the commands that would stop it. */
export const run: Run = async (invocation) => {
  const span = seconds(invocation);
  const source = await openEvents(await locate(invocation));
  try {
    const result = source.ask(hotSources(span), { maxRows: 0 });
    if (isSet(invocation, 'json')) {
      await printRows(result, makeFormatter('json', screenOf(process.stdout)));
      return 0;
    }
    if ((await printSources(result, placesOf(invocation))) === 0) {
      process.stdout.write(`no events in the last ${span} s (store or daemon: ${source.where})\n`);
    }
    return 0;
  } finally {
    await source.close();
  }
};

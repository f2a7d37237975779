import { WeirError } from '../config/errors.ts';
import { suggest } from '../config/suggest.ts';
import { EVENT_TABLES } from '../tables/events/index.ts';
import type { EventTableSpec } from '../tables/spec.ts';
import { type Invocation, type Run, text } from './command.ts';
import type { ExportFormat } from './export/export-format.ts';
import { exportColumns, exportPages } from './export/pages.ts';
import { Csv, JsonLines } from './export/text-formats.ts';
import { parseTime } from './export/time-option.ts';
import { locate } from './location.ts';
import { openEvents } from './open-source.ts';
import { openOutput } from './output/open-output.ts';

const FORMATS = ['jsonl', 'csv', 'parquet'];

function usage(message: string): WeirError {
  return new WeirError('USAGE', message, { exitCode: 64 });
}

function tableOf(invocation: Invocation): EventTableSpec {
  const name = text(invocation, 'table');
  if (name === undefined) throw usage('--table is missing');
  const table = EVENT_TABLES.find((candidate) => candidate.name === name);
  if (table !== undefined) return table;
  const names = EVENT_TABLES.map((candidate) => candidate.name);
  const meant = suggest(name, names);
  const hint = meant === undefined ? `known are ${names.join(', ')}` : `did you mean ${meant}?`;
  throw usage(`${name} is no event table; ${hint}`);
}

async function formatOf(name: string, table: EventTableSpec): Promise<ExportFormat> {
  const columns = exportColumns(table);
  if (name === 'jsonl') return new JsonLines(table.name, columns);
  if (name === 'csv') return new Csv(columns);
  const { Parquet } = await import('./export/parquet.ts');
  return new Parquet(columns);
}

export const run: Run = async (invocation) => {
  const table = tableOf(invocation);
  const format = text(invocation, 'format') ?? 'jsonl';
  const name = text(invocation, 'output');
  const [since, until] = (['since', 'until'] as const).map((flag) => {
    const given = text(invocation, flag);
    return given === undefined ? undefined : parseTime(flag, given);
  });
  if (!FORMATS.includes(format)) throw usage(`--format is one of ${FORMATS.join(', ')}`);
  if (format === 'parquet' && name === undefined && process.stdout.isTTY) {
    throw usage('Parquet is not for terminals: give --output FILE');
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const source = await openEvents(await locate(invocation));
  try {
    const output = await openOutput(name);
    try {
      const formatter = await formatOf(format, table);
      const where = text(invocation, 'where') ?? '';
      const { expressions } = formatter;
      const selection = { table, since, until, where, expressions, signal: stop.signal };
      await output.write(formatter.begin());
      let count = 0;
      for await (const rows of exportPages(source, selection)) {
        count += rows.length;
        await output.write(formatter.rows(rows));
      }
      await output.write(formatter.end());
      await output.done();
      if (name !== undefined) process.stderr.write(`${count} rows\n`);
    } catch (error) {
      await output.abandon();
      throw error;
    }
    return 0;
  } finally {
    await source.close();
  }
};

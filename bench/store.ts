import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeScratch, removeScratch } from '../test/helpers/scratch.ts';
import { onCleanup } from './cleanup.ts';
import { printTable, say } from './report.ts';
import type { Filled } from './store/engine.ts';
import { QUERIES } from './store/queries.ts';
import { TABLES } from './store/tables.ts';
import type { Report } from './store/worker.ts';

const DEFAULT_ROWS = 10_000_000;
const WORKER = new URL('store/worker.ts', import.meta.url).pathname;
const ENGINES = ['weir', 'sqlite', 'duckdb'] as const;
type EngineName = (typeof ENGINES)[number];
type Reports = Readonly<Record<EngineName, Required<Report>>>;

/** Arguments of `npm run bench -- store`; null when they make no sense. */
export function storeBench(args: readonly string[]): (() => Promise<void>) | null {
  if (args.length === 0) return () => compare(DEFAULT_ROWS);
  const [option, value = ''] = args;
  if (args.length !== 2 || option !== '--rows' || !/^[1-9]\d{3,8}$/.test(value)) return null;
  return () => compare(Number(value));
}

/** weir's store, a plain SQLite table and DuckDB with the same rows, one after the other. */
async function compare(rows: number): Promise<void> {
  const scratch = makeScratch();
  onCleanup(() => removeScratch(scratch));
  const reports = {} as Record<EngineName, Required<Report>>;
  for (const engine of ENGINES) {
    const folder = join(scratch, engine);
    mkdirSync(folder);
    say(`${engine}: filling with ${rows} rows`);
    const filled = await phase(engine, 'fill', folder, rows);
    say(`${engine}: asking`);
    reports[engine] = { ...filled, ...(await phase(engine, 'ask', folder, rows)) } as never;
    removeScratch(folder);
  }
  const differing = differences(reports);
  printFilling(reports);
  printQueries(reports);
  for (const what of differing) process.stdout.write(`DIFFERENT ANSWERS: ${what}\n`);
  const equal = differing.length === 0 ? 'yes' : 'NO';
  process.stdout.write(`\nsame rows and same answers from all three: ${equal}\n`);
  if (differing.length > 0) process.exitCode = 1;
}

async function phase(engine: string, name: string, folder: string, rows: number): Promise<Report> {
  const args = [WORKER, engine, name, folder, String(rows)];
  const maxBuffer = 64 * 1024 * 1024;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { maxBuffer }).catch(
    (error) => {
      throw new Error(`${engine} could not ${name}: ${error.stderr}`);
    },
  );
  if (stderr !== '') say(stderr.trimEnd());
  return JSON.parse(stdout);
}

/** What the engines do not agree on; a query that one of them cannot do is left out for it. */
function differences({ weir, sqlite, duckdb }: Reports): string[] {
  const all = [weir, sqlite, duckdb];
  const differ = (values: readonly unknown[]): boolean =>
    new Set(values.map((value) => JSON.stringify(value))).size > 1;
  const queries = QUERIES.filter((_, i) =>
    differ(all.flatMap(({ asked }) => (asked[i] ? [asked[i].answer] : []))),
  );
  const sums = TABLES.filter((_, i) => differ(all.map(({ checked }) => checked[i])));
  return [...queries, ...sums].map(({ name }) => name);
}

const number = (value: number): string => Math.round(value).toLocaleString('en');
const ms = (value: number | undefined): string => value?.toFixed(value < 10 ? 2 : 0) ?? '-';

function printFilling({ weir, sqlite, duckdb }: Reports): void {
  const filled = [weir, sqlite, duckdb].map((report) => report.filled);
  const row = (name: string, of: (filled: Filled) => number, digits = 0): string[] => [
    name,
    ...filled.map((each) =>
      of(each).toLocaleString('en', {
        maximumFractionDigits: digits,
        minimumFractionDigits: digits,
      }),
    ),
  ];
  const perRow = (each: Filled): number => each.bytes / each.rows;
  printTable(
    ['', 'weir', 'row table', 'DuckDB'],
    [
      row('rows', (each) => each.rows),
      row('ingest, rows per second', (each) => each.rows / each.seconds),
      row('ingest, rows per processor second', (each) => each.rows / each.cpuSeconds),
      row('bytes per row', perRow, 1),
      ['open and read a row, ms', ...[weir, sqlite, duckdb].map((r) => ms(r.openMs))],
      ['memory before queries, MiB', ...[weir, sqlite, duckdb].map((r) => number(r.memory.before))],
      [
        'memory that queries add, MiB',
        ...[weir, sqlite, duckdb].map(({ memory }) => number(memory.peak - memory.before)),
      ],
    ],
  );
  const notes = { ...weir.filled.notes, ...sqlite.filled.notes };
  for (const [name, value] of Object.entries(notes)) {
    const engine = name in weir.filled.notes ? 'weir' : 'row table';
    process.stdout.write(`${engine}: ${name}: ${value < 1000 ? ms(value) : number(value)}\n`);
  }
  process.stdout.write('\n');
}

function printQueries({ weir, sqlite, duckdb }: Reports): void {
  const rows = QUERIES.map(({ name }, i) => {
    const times = [weir, sqlite, duckdb].map(({ asked }) => asked[i]?.ms);
    const [own, ...others] = times;
    const ratios = others.map((other) =>
      own === undefined || other === undefined ? '-' : (own / other).toFixed(2),
    );
    return [name, ...times.map(ms), ...ratios];
  });
  printTable(['medians, ms', 'weir', 'row table', 'DuckDB', 'weir/row table', 'weir/DuckDB'], rows);
}

/** One phase of one engine in a process of its own: `worker.ts ENGINE fill|ask FOLDER ROWS`. */
import { writeFileSync } from 'node:fs';
import { pid } from 'node:process';
import { residentMiB } from '../process-statistics.ts';
import { median } from '../report.ts';
import { duckdb } from './duckdb-engine.ts';
import { type Answer, type Engine, type Filled, SEED } from './engine.ts';
import { EventGenerator } from './generator.ts';
import { checks, QUERIES } from './queries.ts';
import { sqlite } from './sqlite-engine.ts';
import { TABLES } from './tables.ts';
import { weir } from './weir-engine.ts';

const REPEATS = 5;
const OPENINGS = 5;

/** Milliseconds and answer of a query; null where the engine cannot. */
export type Asked = { readonly ms: number; readonly answer: Answer } | null;
export interface Report {
  readonly filled?: Filled;
  readonly asked?: readonly Asked[];
  readonly checked?: readonly Answer[];
  readonly openMs?: number;
  /** Resident memory before the first query, and the most while they ran, MiB. */
  readonly memory?: { readonly before: number; readonly peak: number };
}

async function ask(engine: Engine, folder: string): Promise<Report> {
  const openings: number[] = [];
  for (let i = 0; i < OPENINGS; i++) {
    const begin = performance.now();
    const opened = await engine.open(folder);
    await opened.ask('SELECT seq FROM process_file_events LIMIT 1');
    openings.push(performance.now() - begin);
    opened.close();
  }
  const reader = await engine.open(folder);
  await reader.ask('SELECT seq FROM process_file_events LIMIT 1');
  writeFileSync('/proc/self/clear_refs', '5'); // the peak begins here
  const before = residentMiB(pid).now;
  const asked: Asked[] = [];
  for (const query of QUERIES) {
    const sql = query.sql(engine);
    const times: number[] = [];
    let answer: Answer = [];
    try {
      for (let i = 0; i < REPEATS; i++) {
        const begin = performance.now();
        answer = await reader.ask(sql);
        times.push(performance.now() - begin);
      }
      asked.push({ ms: median(times), answer });
    } catch (error) {
      process.stderr.write(`${query.name}: ${error}\n`);
      asked.push(null);
    }
  }
  const memory = { before, peak: residentMiB(pid).peak };
  const checked: Answer[] = [];
  for (const sql of checks(TABLES)) checked.push(await reader.ask(sql));
  reader.close();
  return { asked, checked, openMs: median(openings), memory };
}

const [name = '', phase, folder = '', rows] = process.argv.slice(2);
const engine = ({ weir, sqlite, duckdb } as Readonly<Record<string, Engine>>)[name];
if (engine === undefined) throw new Error(`no engine ${name}`);
const report: Report =
  phase === 'fill'
    ? { filled: await engine.fill(folder, new EventGenerator(SEED).chunks(Number(rows))) }
    : await ask(engine, folder);
process.stdout.write(JSON.stringify(report));

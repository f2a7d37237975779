import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { loadPackFile } from '../src/detect/pack.ts';
import { native } from '../src/native/addon.ts';
import { loadExtension } from '../src/sql/load-extension.ts';
import { attachTables } from '../src/tables/bridge/attach.ts';
import { stateTables } from '../src/tables/state/index.ts';
import { makeScratch, removeScratch } from '../test/helpers/scratch.ts';
import { onCleanup } from './cleanup.ts';
import { median, printTable, say } from './report.ts';
import { compile } from './workloads.ts';

const PROCESSES = 2000;
const RUNS = 7;
const GIB = 1 << 30;

interface Measured {
  readonly rows: number;
  readonly best: number; // ms
  readonly median: number;
  readonly processor: number; // ms of the best run, all threads
  readonly grownMiB: number;
}

function residentMiB(): number {
  return process.memoryUsage().rss / (1 << 20);
}

function measure(db: Database.Database, statements: readonly string[], runs = RUNS): Measured {
  const times: number[] = [];
  const processor: number[] = [];
  const before = residentMiB();
  let rows = 0;
  for (let run = 0; run < runs; run++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    rows = 0;
    for (const sql of statements) for (const _ of db.prepare(sql).raw().iterate()) rows++;
    times.push(performance.now() - started);
    const { user, system } = process.cpuUsage(cpu);
    processor.push((user + system) / 1000);
  }
  return {
    rows,
    best: Math.min(...times),
    median: median(times),
    processor: Math.min(...processor),
    grownMiB: residentMiB() - before,
  };
}

/** Starts processes that wait; they end with it. */
async function startProcesses(scratch: string): Promise<void> {
  const program = compile('processes', scratch);
  const child = spawn(program, [String(PROCESSES)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onCleanup(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
}

/** Those of osquery's pack that looks for the files of rootkits. */
function rootkitQueries(): string[] {
  const pack = join(import.meta.dirname, '../test/fixtures/osquery-packs/ossec-rootkit.conf');
  const options = { hostname: 'bench', delimiter: '_', defaultInterval: 3600 };
  return loadPackFile(pack, options).queries.map(({ sql }) => sql);
}

const JOIN = 'FROM processes p JOIN';

/** Time and memory of the tables of the host's state, beside many processes; prints a table. */
export async function tablesBench(): Promise<void> {
  const scratch = makeScratch();
  onCleanup(() => removeScratch(scratch));
  say(`starting ${PROCESSES} processes`);
  await startProcesses(scratch);
  const db = new Database(':memory:');
  onCleanup(() => void db.close());
  loadExtension(db);
  // As in a daemon that collects by eBPF.
  native.tables.useTaskFacts(join(import.meta.dirname, '../build/bpf'));
  attachTables(native.connections.last(), stateTables());
  const lines: string[][] = [];
  const show = (
    name: string,
    limit: number,
    statements: readonly string[],
    runs?: number,
  ): void => {
    const { rows, ...found } = measure(db, statements, runs);
    const numbers = [found.best, found.median, found.processor, found.grownMiB];
    say(`${name}: ${found.best.toFixed(0)} ms`);
    lines.push([name, String(rows), ...numbers.map((n) => n.toFixed(1)), String(limit)]);
  };
  show('processes, every column', 50, ['SELECT * FROM processes']);
  show('processes, five columns', 50, ['SELECT pid, name, path, cmdline, parent FROM processes']);
  for (const table of ['process_open_files', 'process_open_sockets']) {
    show(`${table} joined`, 300, [`SELECT p.name, t.* ${JOIN} ${table} t USING (pid)`]);
  }
  const rootkits = rootkitQueries();
  show(`${rootkits.length} rootkit queries`, 100, rootkits);
  for (const { declared } of stateTables()) {
    if (declared.required !== '') continue;
    const { name } = declared;
    show(name, 1000, [`SELECT * FROM ${name}`], 3);
  }
  await hashing(scratch, show);
  printTable(['query', 'rows', 'best ms', 'median', 'cpu ms', 'grown MiB', 'limit ms'], lines);
}

type Show = (name: string, limit: number, statements: readonly string[], runs?: number) => void;

/** 1 GiB once with one hash and once with all; beside it, how long reading it takes. */
async function hashing(scratch: string, show: Show): Promise<void> {
  const path = join(scratch, 'gib');
  const file = await open(path, 'w');
  const block = Buffer.alloc(1 << 20, 'weir');
  for (let at = 0; at < GIB; at += block.length) await file.write(block);
  await file.close();
  const started = performance.now();
  for await (const _ of createReadStream(path, { highWaterMark: 1 << 20 })) void _;
  const reading = Math.round(performance.now() - started);
  show(
    'sha256 of 1 GiB (limit: reading it)',
    reading,
    [`SELECT sha256 FROM hash WHERE path = '${path}'`],
    1,
  );
  show('md5, sha1 and sha256 of it', reading, [`SELECT * FROM hash WHERE path = '${path}'`], 1);
  show('the same again, kept', reading, [`SELECT * FROM hash WHERE path = '${path}'`], 1);
  rmSync(path);
}

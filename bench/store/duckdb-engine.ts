import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Answer, asText, type Engine, type Filled, groups, Stopwatch } from './engine.ts';
import type { Chunk, EventClass } from './generator.ts';
import { createStatements, tableOf, valuesOf } from './tables.ts';

const pathIn = (folder: string): string => join(folder, 'rows.duckdb');

/**
 * DuckDB with its defaults (as many threads as processors). It is filled by COPY from CSV files,
 * which is faster than its appender through Node; parsing them is part of the time.
 */
export const duckdb: Engine = {
  async fill(folder, chunks) {
    const instance = await DuckDBInstance.create(pathIn(folder));
    const connection = await instance.connect();
    for (const sql of createStatements()) await connection.run(sql);
    const watch = new Stopwatch();
    let rows = 0;
    for (const group of groups(chunks)) {
      const files = writeFiles(folder, group);
      for (const { name, file } of files) {
        const copy = `COPY ${name} FROM '${file}' (FORMAT csv, HEADER false, NULLSTR '\\N')`;
        const { rowsChanged } = await watch.run(() => connection.run(copy));
        rows += rowsChanged;
        rmSync(file);
      }
    }
    await watch.run(() => connection.run('CHECKPOINT'));
    connection.closeSync();
    instance.closeSync();
    const { seconds, cpuSeconds } = watch;
    const bytes = statSync(pathIn(folder)).size;
    return { rows, seconds, cpuSeconds, bytes, notes: {} } satisfies Filled;
  },

  async open(folder) {
    const instance = await DuckDBInstance.create(pathIn(folder), { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    return {
      ask: async (sql): Promise<Answer> =>
        asText((await connection.runAndReadAll(sql)).getRows() as unknown[][]),
      close() {
        connection.closeSync();
        instance.closeSync();
      },
    };
  },

  matches: (column, pattern) => `regexp_matches(${column}, '${pattern}')`,
  rows: (table) => `SELECT count(*) FROM ${table}`,
};

const field = (value: string | number | bigint | null): string => {
  if (value === null) return '\\N';
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value);
};

function writeFiles(folder: string, group: readonly Chunk[]): { name: string; file: string }[] {
  const open = new Map<EventClass, { name: string; file: string; fd: number }>();
  for (const chunk of group) {
    const { className } = chunk;
    let out = open.get(className);
    if (out === undefined) {
      const { name } = tableOf(className);
      const file = join(folder, `${name}.csv`);
      out = { name, file, fd: openSync(file, 'w') };
      open.set(className, out);
    }
    const lines = valuesOf(chunk).map((values) => `${values.map(field).join(',')}\n`);
    writeSync(out.fd, lines.join(''));
  }
  for (const { fd } of open.values()) closeSync(fd);
  return [...open.values()];
}

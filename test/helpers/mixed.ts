/**
 * What the workload `preempt` must leave, as queries: its threads get in each other's way on one CPU, and
 * each row must be of one of them alone.
 */

/** What the workload prints. */
export interface Preempted {
  readonly threads: number;
  readonly rounds: number;
  /** Threads that run in real time and take the CPU from the others. */
  readonly real_time: number;
  /** Length of each thread's own folder, below the one it was given. */
  readonly folder: number;
}

const FIRST_PORT = 21_000;
const LETTER = 'substr(comm, 5)';
const INDEX = `(unicode(${LETTER}) - 97)`;

/** Rows of the workload by thread and operation, and how many of them are not wholly its own. */
export function mixedFiles(folder: string): string {
  const own = (column: string, length: string) =>
    `(length(${column}) = ${length} AND replace(replace(substr(${column}, ${folder.length + 1}), ${LETTER}, ''), '/', '') = '')`;
  const length = (name: number) => `${folder.length} + 3011 + ${name}`;
  return `SELECT operation, count(*) AS n, count(DISTINCT comm) AS threads,
      sum(CASE operation
        WHEN 'rename' THEN NOT (${own('path', length(6))} AND ${own('dest_path', length(8))})
        WHEN 'unlink' THEN NOT ${own('path', length(8))}
        ELSE NOT ${own('path', length(6))} END) AS mixed
    FROM process_file_events WHERE comm LIKE 'mix-_'
    GROUP BY operation ORDER BY operation`;
}

export const MIXED_SOCKETS = `SELECT action AS operation, count(*) AS n, count(DISTINCT comm) AS threads,
    sum(NOT (remote_port = ${FIRST_PORT} + ${INDEX} AND remote_address = '127.0.0.1')) AS mixed
  FROM socket_events WHERE comm LIKE 'mix-_' AND action = 'connect' GROUP BY action`;

/** Forks and ends of the children that each thread makes. */
export const MIXED_LIFE = `SELECT action AS operation, count(*) AS n, count(DISTINCT comm) AS threads,
    count(DISTINCT parent) - 1 AS mixed
  FROM process_lifecycle_events WHERE comm LIKE 'mix-_' GROUP BY action ORDER BY action`;

/** Rows that the three queries must give. */
export function unmixed(told: Preempted): Record<string, unknown>[] {
  const row = (operation: string) => ({
    operation,
    n: told.threads * told.rounds,
    threads: told.threads,
    mixed: 0,
  });
  return ['close_write', 'create', 'rename', 'unlink', 'connect', 'exit', 'fork'].map(row);
}

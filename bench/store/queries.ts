import { BuildWorld } from './build-world.ts';
import type { Engine } from './engine.ts';
import { START_NS } from './generator.ts';
import { Random } from './random.ts';

export interface Query {
  readonly name: string;
  readonly sql: (engine: Engine) => string;
}

const FILES = 'process_file_events';
const summary = 'count(*), min(seq), max(seq)';
/** A file that is neither among the most nor the least used. */
const NEEDLE = new BuildWorld(new Random(1)).source(4321);
const MIDDLE_S = Number(START_NS / 1_000_000_000n) + 60;

const same = (name: string, sql: string): Query => ({ name, sql: () => sql });

export const QUERIES: readonly Query[] = [
  same('needle', `SELECT ${summary} FROM ${FILES} WHERE path = '${NEEDLE}'`),
  same('needle that is not there', `SELECT ${summary} FROM ${FILES} WHERE path = '${NEEDLE}x'`),
  same('path LIKE', `SELECT ${summary} FROM ${FILES} WHERE path LIKE '%lib12%'`),
  same('cmdline LIKE', `SELECT ${summary} FROM process_events WHERE cmdline LIKE '%int123%'`),
  {
    name: 'cmdline regex',
    sql: (engine) =>
      `SELECT ${summary} FROM process_events WHERE ${engine.matches('cmdline', '^sed .*VERSION3[0-9]@')}`,
  },
  same(
    'time range of 10 s',
    `SELECT count(*), sum(pid) FROM ${FILES} WHERE time >= ${MIDDLE_S} AND time < ${MIDDLE_S + 10}`,
  ),
  same(
    'group by pid',
    `SELECT pid, count(*) AS n FROM ${FILES} GROUP BY pid ORDER BY n DESC, pid LIMIT 10`,
  ),
  same(
    'group by executable',
    `SELECT executable, count(*) AS n FROM ${FILES} GROUP BY executable ORDER BY n DESC, executable`,
  ),
  same(
    'join on exec_id',
    `SELECT p.path, count(*) AS n, min(s.remote_address) FROM socket_events AS s
     JOIN process_events AS p ON p.exec_id = s.exec_id GROUP BY p.path ORDER BY n DESC, p.path`,
  ),
  same(
    'IN (subquery)',
    `SELECT ${summary} FROM process_events
     WHERE exec_id IN (SELECT exec_id FROM socket_events WHERE remote_port <> 443)`,
  ),
  same('last 100', `SELECT seq, path, pid FROM ${FILES} ORDER BY seq DESC LIMIT 100`),
  same('count(*)', `SELECT count(*) FROM ${FILES}`),
  { name: 'weir_tables.rows', sql: (engine) => engine.rows(FILES) },
];

/** Compared too, not timed: sums over every column that depend on which row has which value. */
export function checks(tables: readonly { name: string; columns: readonly Column[] }[]): string[] {
  return tables.map(({ name, columns }) => {
    const sums = columns.map((c) => {
      if (c.type === 'BIGINT') return `sum(${c.name} % 10007 * (seq % 1009))`;
      return `sum(length(${c.name}) * (seq % 1009)), min(${c.name}), max(${c.name})`;
    });
    return `SELECT ${sums.join(', ')} FROM ${name}`;
  });
}

interface Column {
  readonly name: string;
  readonly type: 'BIGINT' | 'VARCHAR';
}

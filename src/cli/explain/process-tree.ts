import type { RowSource } from '../row-source.ts';
import { type NamedRow, namedRows } from './named-rows.ts';

export interface TreeProcess {
  /** process_id, decimal. */
  readonly id: string;
  readonly pid: string;
  /** As far as it was seen; both empty for a process that was not. */
  readonly path: string;
  readonly cmdline: string;
  readonly username: string;
  readonly parentId: string;
}

export interface ProcessTree {
  /** From the oldest that is known down to the process itself, which is last. */
  readonly line: readonly TreeProcess[];
  /** What it started, and so on, in order of time; parents before children. */
  readonly descendants: readonly TreeProcess[];
  /** More descendants than are shown. */
  readonly cut: boolean;
}

const MOST_ANCESTORS = 32;
/** For a page that a person reads; a build has thousands. */
const MOST_DESCENDANTS = 60;

const COLUMNS = 'process_id, pid, path, cmdline, username, parent_process_id, parent, parent_path';
const FORKED = 'process_id, pid, path, cmdline, username, parent_process_id, parent';

function toProcess(row: NamedRow): TreeProcess {
  const { process_id: id = '', pid = '', path = '', cmdline = '' } = row;
  return { id, pid, path, cmdline, username: row.username ?? '', parentId: known(row) };
}

/** 0 says that the parent is outside of what was seen. */
function known(row: NamedRow): string {
  return row.parent_process_id === '0' ? '' : (row.parent_process_id ?? '');
}

/**
 * The newest image of a process up to a time: what it was when something happened. What it became
 * later is of another time, unless nothing else was seen.
 */
async function seen(source: RowSource, id: string, upto: number): Promise<NamedRow | undefined> {
  // A child that never ran another program has no image of its own: its fork tells of it.
  for (const table of ['process_seen', 'process_lifecycle_events']) {
    const columns = table === 'process_seen' ? COLUMNS : FORKED;
    const [row] = await namedRows(
      source,
      `SELECT ${columns} FROM ${table} WHERE process_id = ${id}
       ORDER BY time > ${upto}, seq DESC LIMIT 1`,
    );
    if (row !== undefined) return row;
  }
  return undefined;
}

/**
 * @param id process_id, decimal
 * @param upto seconds since 1970
 */
export async function processTree(
  source: RowSource,
  id: string,
  upto: number,
): Promise<ProcessTree> {
  const line: TreeProcess[] = [];
  const met = new Set<string>();
  let next = id;
  let last: NamedRow | undefined;
  while (next !== '' && !met.has(next) && line.length < MOST_ANCESTORS) {
    met.add(next);
    const row = await seen(source, next, upto);
    // Its child still says who it was.
    line.unshift(
      row === undefined
        ? {
            id: next,
            pid: last?.parent ?? '',
            path: last?.parent_path ?? '',
            cmdline: '',
            username: '',
            parentId: '',
          }
        : toProcess(row),
    );
    next = row === undefined ? '' : known(row);
    last = row;
  }
  return { line, ...(await descendantsOf(source, id, upto)) };
}

/** Forks come before images, so that of a process the image that it ran last is kept. */
function childrenOf(ids: readonly string[], upto: number): string {
  const which = `parent_process_id IN (${ids.join(', ')}) AND time <= ${upto}`;
  return `SELECT * FROM (
    SELECT ${FORKED}, 0 AS image, seq FROM process_lifecycle_events WHERE action = 'fork' AND ${which}
    UNION ALL SELECT ${FORKED}, 1, seq FROM process_seen WHERE ${which})
    ORDER BY image, seq LIMIT ${10 * MOST_DESCENDANTS}`;
}

async function descendantsOf(
  source: RowSource,
  id: string,
  upto: number,
): Promise<Pick<ProcessTree, 'descendants' | 'cut'>> {
  const found = new Map<string, TreeProcess>();
  let level = [id];
  while (level.length > 0 && found.size <= MOST_DESCENDANTS) {
    const rows = await namedRows(source, childrenOf(level, upto));
    level = [];
    for (const row of rows) {
      const child = toProcess(row);
      if (child.id === id) continue;
      if (!found.has(child.id)) level.push(child.id);
      found.set(child.id, child); // the image that it ran last
    }
  }
  const all = [...found.values()];
  return { descendants: all.slice(0, MOST_DESCENDANTS), cut: all.length > MOST_DESCENDANTS };
}

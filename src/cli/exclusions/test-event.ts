import { WeirError } from '../../config/errors.ts';
import type { ExclusionRule } from '../../config/schema.ts';
import type { ClassName } from '../../sensor/schema.ts';
import type { SqlValue } from '../../sql/types.ts';
import { RowExclusions } from '../../stream/row-exclusions.ts';
import type { StreamRule } from '../../stream/rules.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import { type Invocation, isSet } from '../command.ts';
import { locate } from '../location.ts';
import { openEvents } from '../open-source.ts';
import { print } from '../output/print.ts';
import { safeJson, safeText } from '../output/safe-text.ts';
import type { RowSource } from '../row-source.ts';
import { type Listed, openExclusions } from './source.ts';

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

interface Event {
  readonly row: Readonly<Record<string, unknown>>;
  readonly className: ClassName | undefined;
}

/** One table for each class, the one that shows all of it. */
const TABLES = EVENT_TABLES.filter(({ view, face }) => view !== true && face === undefined);
const SCOPES = ['collection', 'detection', 'response'] as const;

/** `weir exclusions test EVENT`: a seq or eid of the store, or a line of `weir tail --json`. */
export async function testEvent(
  invocation: Invocation,
  [word = '']: readonly string[],
): Promise<number> {
  const location = await locate(invocation);
  const all = await (await openExclusions(invocation, location)).list();
  const given = /^\s*\{/.test(word) ? fromLine(word) : undefined;
  if (given === undefined && !/^\d{1,20}$/.test(word)) {
    throw usage('test takes a seq or an eid, or an event as a JSON object');
  }
  const trees = all.some(({ conditions }) => conditions.tree !== undefined);
  const source = given && !trees ? undefined : await openEvents(location);
  try {
    const event = given ?? (await stored(source as RowSource, BigInt(word)));
    const taken = await whoTakes(event, all, source);
    if (isSet(invocation, 'json')) {
      await print(process.stdout, safeJson(`${JSON.stringify(taken, null, 1)}\n`));
    } else if (taken.length === 0) {
      await print(process.stdout, 'no exclusion holds for this event\n');
    } else {
      const lines = taken.map(
        ({ id, scope, decided_by, conditions }) =>
          `${id} (${scope}${decided_by ? `, decided by ${decided_by}` : ''}): ${JSON.stringify(conditions)}`,
      );
      await print(process.stdout, `${lines.map(safeText).join('\n')}\n`);
    }
    return 0;
  } finally {
    await source?.close();
  }
}

async function whoTakes(
  { row, className }: Event,
  all: readonly Listed[],
  source: RowSource | undefined,
): Promise<readonly Listed[]> {
  const active = all.filter(({ status, id }) => status === 'active' && id !== 'other');
  const rules = active.map(
    ({ id, scope, conditions }) => ({ ...conditions, id, scope }) as ExclusionRule,
  );
  const ancestors = source === undefined ? [] : await ancestorsOf(source, row.process_id);
  const host = { inTree: (rule: StreamRule) => isInTree(rule, ancestors) };
  const asked = new RowExclusions(rules, host);
  const facts = { ...(className === undefined ? {} : { className }), query: '' };
  const holding = SCOPES.flatMap((scope) => asked.holding(scope, row, facts));
  return active.filter(({ id }) => holding.includes(id));
}

interface Ancestor {
  readonly processId: bigint;
  readonly path: string;
  readonly mountNamespace: number;
}

function isInTree({ tree, mountNamespace }: StreamRule, ancestors: readonly Ancestor[]): boolean {
  if (tree === undefined) return false;
  if ('processId' in tree) return ancestors.some(({ processId }) => processId === tree.processId);
  return ancestors.some(
    ({ path, mountNamespace: own }) =>
      tree.executable.matchesText(path) && (mountNamespace ?? own) === own,
  );
}

/** The process and those before it, as far as the store knows them. */
async function ancestorsOf(source: RowSource, processId: unknown): Promise<readonly Ancestor[]> {
  if (!/^-?\d{1,20}$/.test(String(processId))) return [];
  const sql = `WITH RECURSIVE up(id, n) AS (SELECT ${String(processId)}, 0 UNION
      SELECT p.parent_process_id, n + 1 FROM up JOIN process_seen p ON p.process_id = up.id
      WHERE p.parent_process_id IS NOT NULL AND n < 64)
    SELECT CAST(p.process_id AS TEXT), coalesce(p.path, ''), p.mnt_ns
    FROM up JOIN process_seen p ON p.process_id = up.id`;
  const rows = await allRows(source, sql);
  return rows.map(([id, path, space]) => ({
    processId: BigInt(String(id)),
    path: String(path),
    mountNamespace: Number(space),
  }));
}

async function allRows(source: RowSource, sql: string): Promise<(readonly SqlValue[])[]> {
  const rows: (readonly SqlValue[])[] = [];
  for await (const some of source.ask(sql, { maxRows: 10_000 }).rows) rows.push(...some);
  return rows;
}

/** A line of `weir tail --json` says its table; one of `weir export` does not, and need not. */
function fromLine(text: string): Event {
  let row: Record<string, unknown>;
  try {
    row = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw usage(`the event is no JSON: ${(cause as Error).message}`);
  }
  const table = typeof row.table === 'string' ? row.table : undefined;
  const spec = EVENT_TABLES.find(({ name }) => name === table);
  if (table !== undefined && spec === undefined) throw usage(`${table} is no event table`);
  const inner = row.row ?? row.columns;
  if (typeof inner === 'object' && inner !== null) row = inner as Record<string, unknown>;
  return { row, className: spec?.class };
}

/** @throws WeirError EVENT_UNKNOWN */
async function stored(source: RowSource, seq: bigint): Promise<Event> {
  for (const { name, class: className, columns } of TABLES) {
    const wanted = columns.map((column) => column.name);
    const list = wanted.map((column) => `"${column}"`).join(', ');
    const [found] = await allRows(source, `SELECT ${list} FROM ${name} WHERE seq = ${seq}`);
    if (found === undefined) continue;
    return { row: Object.fromEntries(wanted.map((key, i) => [key, found[i]])), className };
  }
  throw new WeirError('EVENT_UNKNOWN', `there is no event ${seq} in ${source.where}`);
}

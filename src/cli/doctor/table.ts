import { WeirError } from '../../config/errors.ts';
import type { Config } from '../../config/schema.ts';
import { suggest } from '../../config/suggest.ts';
import type { ClassName } from '../../sensor/schema.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import { LEFT_OUT } from '../../tables/left-out.ts';
import type { EventTableSpec } from '../../tables/spec.ts';
import { stateTables } from '../../tables/state/index.ts';
import type { HealthReport } from '../../tables/state/weir/weir-health.ts';
import { STATUS_TABLES } from '../../tables/status.ts';
import type { RowSource } from '../row-source.ts';
import { feedsOf } from './feeds.ts';
import { type Finding, finding } from './finding.ts';
import { configured, countedAway } from './left-away.ts';
import { rowsOf, TIMEOUT_MS } from './rows.ts';

/** Which key of `collect` switches a class. */
const SWITCH: Readonly<Record<ClassName, keyof Config['collect']>> = {
  process: 'process',
  lifecycle: 'process',
  seen: 'process',
  socket: 'socket',
  file: 'file',
  kernel: 'kernel',
  dns: 'dns',
  behavior: 'behavior',
  host: 'host',
};

export interface TableQuestion {
  readonly table: string;
  readonly config: Config;
  readonly source: RowSource;
  /** What the daemon says; undefined: none runs. */
  readonly health: HealthReport | undefined;
}

interface ClassState {
  readonly covered: boolean;
  readonly tier: string;
  readonly missing: readonly string[];
}

function unknownTable(table: string): WeirError {
  const left = LEFT_OUT.find(({ tables }) => tables.includes(table));
  if (left !== undefined) {
    return new WeirError('NO_TABLE', `weir does not have osquery's ${table}: ${left.reason}`);
  }
  const state = stateTables().map(({ declared }) => declared);
  const names = [...EVENT_TABLES, ...STATUS_TABLES, ...state].map(({ name }) => name);
  const meant = suggest(table, names);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return new WeirError('USAGE', `there is no table ${table}${hint}`, { exitCode: 64 });
}

/**
 * Why a table has no rows, or what is not in it.
 *
 * Rejects with WeirError USAGE (64), NO_TABLE, SQL_*.
 */
export async function explainTable(question: TableQuestion): Promise<Finding[]> {
  const { table } = question;
  const event = EVENT_TABLES.find(({ name }) => name === table);
  if (event !== undefined) return explainEvents(event, question);
  const state = stateTables().find(({ declared }) => declared.names.includes(table));
  if (state === undefined) {
    if (!STATUS_TABLES.some(({ name }) => name === table)) throw unknownTable(table);
    return explainState(question);
  }
  const { required } = state.declared;
  if (required === '') return explainState(question);
  const text = `${table} answers only about what a query names: WHERE ${required} = ...`;
  return [finding(table, 'info', text, state.load().examples[0])];
}

async function explainState({ table, source }: TableQuestion): Promise<Finding[]> {
  const result = source.ask(`SELECT * FROM "${table}"`, { timeoutMs: TIMEOUT_MS, maxRows: 0 });
  let count = 0;
  for await (const chunk of result.rows) count += chunk.length;
  const { warnings } = await result.end;
  const first =
    count > 0
      ? finding(table, 'ok', `${count} rows now`)
      : finding(table, 'info', 'this host has nothing to show there now; rows are made when asked');
  return [first, ...warnings.map((warning) => finding(table, 'warning', warning))];
}

async function explainEvents(spec: EventTableSpec, question: TableQuestion): Promise<Finding[]> {
  const { config, source, health } = question;
  const { name } = spec;
  const [row] = await rowsOf(source, `SELECT max(time) AS last FROM ${name}`);
  const last = row?.last === null || row?.last === undefined ? undefined : Number(row.last);
  return [
    last === undefined
      ? finding(name, 'info', 'it is empty')
      : finding(name, 'ok', `it has rows; the last is of ${new Date(last * 1000).toISOString()}`),
    ...(health === undefined ? notRunning(name) : watched(spec, config, health)),
    ...configured(spec, config),
    ...(await countedAway(spec, source, last === undefined)),
    ...(await categories(spec, config, source)),
  ];
}

function notRunning(name: string): Finding[] {
  const text = 'no daemon runs: nothing new comes; what is stored can be asked';
  return [finding(name, 'problem', text, 'systemctl start weir, or weir daemon')];
}

/** Whether the daemon sees the class, and if not, why. */
function watched(spec: EventTableSpec, config: Config, health: HealthReport): Finding[] {
  const { name, class: className } = spec;
  if (health.provider === 'off') {
    const text = 'the daemon collects nothing: "provider" is "off"';
    return [finding(name, 'problem', text, 'set "provider": "auto" and restart the daemon')];
  }
  const state = (health.classes as Record<string, ClassState | undefined>)[className];
  if (state === undefined) return [];
  const key = `collect.${SWITCH[className]}`;
  if (state.covered) {
    const found = [
      finding(name, 'ok', `class ${className} is watched (${state.tier})`),
      ...feedsOf(spec, config, state.tier),
    ];
    if (state.missing.length === 0) return found;
    const what = className === 'host' ? 'feeds' : 'hooks';
    const text = `some ${what} of the class could not be had: ${state.missing.join('; ')}`;
    return [...found, finding(name, 'info', text)];
  }
  if (config.collect[SWITCH[className]] === false) {
    const text = `class ${className} is off: "${key}" is false`;
    return [finding(name, 'problem', text, `set "${key}": true and restart the daemon`)];
  }
  const why =
    state.missing.length > 0
      ? state.missing.join('; ')
      : `the provider ${health.provider} does not see it, or "${key}" was false when the daemon started`;
  const remedy = 'docs/blind-spots.md; weir doctor shows what the kernel lacks for eBPF';
  return [finding(name, 'problem', `class ${className} is not watched: ${why}`, remedy)];
}

/** file_events shows only files of a category while there are categories. */
async function categories(
  spec: EventTableSpec,
  config: Config,
  source: RowSource,
): Promise<Finding[]> {
  if (spec.face !== 'file_events') return [];
  const names = Object.keys({ ...config.file_paths, ...config.file_paths_query });
  if (names.length === 0) {
    return [finding(spec.name, 'info', 'no "file_paths" are configured: all files are shown')];
  }
  const [all] = await rowsOf(source, 'SELECT max(time) AS last FROM process_file_events');
  const others = all?.last === null ? 'is empty too' : 'has rows';
  const only = `"file_paths" is configured (${names.join(', ')}): only what matches is shown`;
  const text = `${only}; process_file_events shows all, and ${others}`;
  return [finding(spec.name, 'info', text)];
}

import { WeirError } from '../config/errors.ts';
import { HEALTH_FIELDS, type HealthReport, NO_DAEMON } from '../tables/state/weir/weir-health.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { askDaemon } from './daemon-source.ts';
import { locate } from './location.ts';
import { safeJson, safeText } from './output/safe-text.ts';

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function noField(path: string, known: string): WeirError {
  return new WeirError('USAGE', `no field ${path}; ${known}`, { exitCode: 64 });
}

/** A place in a list that is shorter just now is no mistake: it is null. */
function inside(value: object, key: string, path: string): unknown {
  if (Array.isArray(value)) {
    if (/^\d+$/.test(key)) return value[Number(key)] ?? null;
    throw noField(path, `a list has numbers, from 0 on`);
  }
  if (Object.hasOwn(value, key)) return (value as Record<string, unknown>)[key];
  const known = Object.keys(value).join(', ');
  throw noField(path, known === '' ? 'there is nothing inside' : `there are ${known}`);
}

/**
 * What `--field` names: a key, or a way into it with dots; null is what a report does not have,
 * and what is inside of that.
 *
 * @throws WeirError USAGE (64)
 */
function pick(report: Partial<HealthReport>, path: string): unknown {
  const [first = '', ...rest] = path.split('.');
  if (!Object.hasOwn(HEALTH_FIELDS, first)) {
    throw noField(first, `there are ${Object.keys(HEALTH_FIELDS).join(', ')}`);
  }
  let value: unknown = report[first as keyof HealthReport] ?? null;
  let where = first;
  for (const key of rest) {
    if (value === null) return null;
    if (typeof value !== 'object') throw noField(`${where}.${key}`, `${where} is a single value`);
    where += `.${key}`;
    value = inside(value, key, where);
  }
  return value;
}

/** A value as a line: text as it is, of anything else its JSON; nothing is an empty line. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return safeText(value);
  return safeJson(JSON.stringify(value));
}

function sayFindings(mark: string, findings: unknown): void {
  for (const { code, message, remedy } of (findings ?? []) as readonly Finding[]) {
    say(safeText(`${mark} ${code}: ${message}`));
    say(safeText(`    ${remedy}`));
  }
}

const MIB = 1 << 20;

function sayReport(report: Partial<HealthReport>): void {
  const warnings = (report.warnings ?? []) as readonly Finding[];
  const state = warnings.length > 0 ? 'healthy, with warnings' : 'healthy';
  say(report.healthy ? state : 'not healthy');
  sayFindings('issue', report.issues);
  sayFindings('warning', warnings);
  if (report.pid === undefined) return;
  const hooks = Object.entries(report.hooks as Record<string, number>);
  const rows: readonly (readonly [string, string])[] = [
    ['weir', `${report.version}, pid ${report.pid}, up ${report.uptime_seconds} s`],
    [
      'provider',
      `${report.provider}${report.provider_reason ? ` (${report.provider_reason})` : ''}`,
    ],
    ['hooks', hooks.map(([tier, count]) => `${count} ${tier}`).join(', ') || 'none'],
    ['kernel', `${report.kernel}, ${report.btf ? 'with' : 'without'} BTF`],
    ['queries', String(report.queries)],
    ['lost events', String(report.lost_events)],
    ['store', `${(Number(report.store_bytes) / MIB).toFixed(1)} MiB`],
    ['memory', `${(Number(report.rss_bytes) / MIB).toFixed(0)} MiB`],
    ['processor', `${report.cpu_percent} % of one since the start`],
    [
      'other sensors',
      (report.conflicts as { product: string; pid: number }[])
        .map(({ product, pid }) => `${product} (pid ${pid})`)
        .join(', ') || 'none seen',
    ],
  ];
  for (const [name, value] of rows) say(safeText(`${name.padEnd(14)}${value}`));
}

async function reportOf(invocation: Invocation): Promise<Partial<HealthReport>> {
  const { socket } = await locate(invocation);
  return (await askDaemon<HealthReport>(socket, '/health')) ?? NO_DAEMON;
}

/** Ends with 0 when healthy, else 1: without a daemon, too. */
export const run: Run = async (invocation) => {
  const field = text(invocation, 'field');
  if (field !== undefined) pick({}, field);
  const report = await reportOf(invocation);
  if (field !== undefined) {
    const value = pick(report, field);
    say(isSet(invocation, 'json') ? safeJson(JSON.stringify(value)) : shown(value));
  } else if (isSet(invocation, 'json')) {
    say(safeJson(JSON.stringify(report, null, 2)));
  } else {
    sayReport(report);
  }
  return report.healthy ? 0 : 1;
};

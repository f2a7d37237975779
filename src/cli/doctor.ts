import { WeirError } from '../config/errors.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { HookState } from '../native/sensor.ts';
import type { HealthReport } from '../tables/state/weir/weir-health.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { askDaemon } from './daemon-source.ts';
import { examineBehavior } from './doctor/behavior.ts';
import { type Finding, finding } from './doctor/finding.ts';
import { clearBootGuard, fix } from './doctor/fix.ts';
import { byEvent, type EventHooks, examineHooks } from './doctor/hooks.ts';
import { examineHost } from './doctor/host.ts';
import { examineSensors } from './doctor/sensors.ts';
import { explainTable } from './doctor/table.ts';
import { locate } from './location.ts';
import { openSource } from './open-source.ts';
import { safeJson, safeText } from './output/safe-text.ts';

const say = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);

const MARKS: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok      ',
  info: 'info    ',
  warning: 'warning ',
  problem: 'PROBLEM ',
};

interface Examined {
  readonly findings: readonly Finding[];
  readonly events: readonly EventHooks[];
}

function daemonFindings(health: HealthReport | undefined, socket: string): Finding[] {
  if (health === undefined) {
    const told = `none answers on ${socket}: hooks are known only while programs are attached`;
    return [finding('daemon', 'info', told, 'systemctl start weir, or weir daemon')];
  }
  const { version, pid, provider, provider_reason: reason } = health;
  const why = reason === '' ? '' : ` (${reason})`;
  const found = [
    finding('daemon', 'ok', `weir ${version}, pid ${pid}, provider ${provider}${why}`),
  ];
  for (const [level, list] of [
    ['problem', health.issues],
    ['warning', health.warnings],
  ] as const) {
    for (const { code, message, remedy } of list as {
      code: string;
      message: string;
      remedy: string;
    }[]) {
      found.push(finding('daemon', level, `${code}: ${message}`, remedy));
    }
  }
  return found;
}

/** The configuration of the place that is asked about. */
function configOf(invocation: Invocation, stateDir: string): Config {
  return loadConfig({ file: text(invocation, 'config'), flags: { stateDir } }).config;
}

async function examine(invocation: Invocation): Promise<Examined> {
  const { stateDir, socket } = await locate(invocation);
  const config = configOf(invocation, stateDir);
  const health = await askDaemon<HealthReport>(socket, '/health');
  const pid = health === undefined ? undefined : Number(health.pid);
  const hooks =
    health === undefined
      ? undefined
      : await askDaemon<{ hooks: readonly HookState[] }>(socket, '/hooks');
  const events = byEvent(hooks?.hooks ?? []);
  const findings = [
    ...daemonFindings(health, socket),
    ...examineHost(config, pid),
    ...examineHooks(events),
    ...examineBehavior(config),
    ...examineSensors(pid),
  ];
  return { findings, events };
}

async function examineTable(invocation: Invocation, table: string): Promise<Examined> {
  const location = await locate(invocation);
  const config = configOf(invocation, location.stateDir);
  const health = await askDaemon<HealthReport>(location.socket, '/health');
  const source = await openSource(location);
  try {
    return { findings: await explainTable({ table, config, source, health }), events: [] };
  } finally {
    await source.close();
  }
}

function sayHooks(events: readonly EventHooks[]): void {
  if (events.length === 0) return;
  say('');
  const rows = [
    ['event', 'tier', 'hook'],
    ...events.map(({ event, tier, hooks }) => [event, tier || 'none', hooks.join(' ')]),
  ];
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second] = [width(0), width(1)];
  for (const [event = '', tier = '', hooks = ''] of rows) {
    say(`${event.padEnd(first)}  ${tier.padEnd(second)}  ${hooks}`);
  }
}

function sayFindings(findings: readonly Finding[]): void {
  for (const { area, level, text: told, remedy } of findings) {
    say(`${MARKS[level]}${area}: ${told}`);
    if (remedy !== undefined) say(`          ${remedy}`);
  }
}

function checkWords(invocation: Invocation): void {
  const { args } = invocation;
  const repairs = ['fix', 'clear-boot-guard'].filter((flag) => isSet(invocation, flag));
  const wrong =
    repairs.length > 1
      ? '--fix and --clear-boot-guard exclude each other'
      : repairs.length === 1 && args.length > 0
        ? `--${repairs[0]} takes no table`
        : isSet(invocation, 'yes') && !isSet(invocation, 'fix')
          ? '--yes goes with --fix'
          : undefined;
  if (wrong !== undefined) throw new WeirError('USAGE', wrong, { exitCode: 64 });
}

/** Ends with 1 when there is a problem, else with 0. */
export const run: Run = async (invocation) => {
  checkWords(invocation);
  if (isSet(invocation, 'clear-boot-guard')) {
    return clearBootGuard((await locate(invocation)).stateDir);
  }
  if (isSet(invocation, 'fix')) return fix(isSet(invocation, 'yes'));
  const [table] = invocation.args;
  const { findings, events } =
    table === undefined ? await examine(invocation) : await examineTable(invocation, table);
  if (isSet(invocation, 'json')) {
    const body = table === undefined ? { findings, events } : { findings };
    process.stdout.write(`${safeJson(JSON.stringify(body, null, 2))}\n`);
  } else {
    sayFindings(findings);
    sayHooks(events);
  }
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
};

/** The whole examination of `weir doctor`, for the command and for bundles. */
import { loadConfig } from '../../config/load.ts';
import type { HookState } from '../../native/sensor.ts';
import type { HealthReport } from '../../tables/state/weir/weir-health.ts';
import { askDaemon } from '../daemon-source.ts';
import type { Location } from '../location.ts';
import { openSource } from '../open-source.ts';
import { examineBehavior } from './behavior.ts';
import { type Finding, finding } from './finding.ts';
import { byEvent, type EventHooks, examineHooks } from './hooks.ts';
import { examineHost } from './host.ts';
import { examineSensors } from './sensors.ts';
import { explainTable } from './table.ts';

export interface Examined {
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

/** Where it is, and the configuration file that was named, if any. */
export interface Place {
  readonly location: Location;
  readonly configFile: string | undefined;
}

const configOf = ({ location: { stateDir }, configFile }: Place) =>
  loadConfig({ file: configFile, flags: { stateDir } }).config;

/** Rejects with CONFIG_* (78) when the configuration has errors. */
export async function examine(place: Place): Promise<Examined> {
  const { socket } = place.location;
  const config = configOf(place);
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

/** Why a table is empty, or what it leaves out. Rejects as `examine`. */
export async function examineTable(place: Place, table: string): Promise<Examined> {
  const config = configOf(place);
  const health = await askDaemon<HealthReport>(place.location.socket, '/health');
  const source = await openSource(place.location);
  try {
    return { findings: await explainTable({ table, config, source, health }), events: [] };
  } finally {
    await source.close();
  }
}

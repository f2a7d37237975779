import { statSync } from 'node:fs';
import { BEHAVIOR_NAMES, type BehaviorName } from '../../config/behaviors.ts';
import type { Config } from '../../config/schema.ts';
import { type Finding, finding } from './finding.ts';

type Collected = 'process' | 'socket' | 'file';

/** What each kind of behaviour is counted from. */
const COUNTED: Readonly<Record<BehaviorName, Collected>> = {
  ransomware: 'file',
  mass_rename: 'file',
  mass_delete: 'file',
  mass_rewrite: 'file',
  port_sweep: 'socket',
  address_sweep: 'socket',
  exec_burst: 'process',
  setuid_burst: 'process',
};

/** What is judged, what would be done about it, and what of the configuration cannot work. */
export function examineBehavior(
  config: Config,
  exists: (path: string) => boolean = isThere,
): Finding[] {
  const { collect, behavior, response } = config;
  if (!collect.behavior) {
    return [finding('behavior', 'info', 'not judged: "collect.behavior" is false')];
  }
  const found: Finding[] = [];
  const judged = BEHAVIOR_NAMES.filter((name) => behavior[name].threshold > 0);
  const blind = judged.filter((name) => !collect[COUNTED[name]]);
  for (const name of blind) {
    const switchName = `collect.${COUNTED[name]}`;
    found.push(
      finding(
        'behavior',
        'warning',
        `${name} is never found: "${switchName}" is false`,
        `"${switchName}": true`,
      ),
    );
  }
  const answered = judged.filter((name) => behavior[name].respond !== 'alert');
  const asks = answered.map((name) => `${name}: ${behavior[name].respond}`).join(', ');
  if (asks !== '' && !response.enabled) {
    const text = `${asks}: nothing is done, as "response.enabled" is false`;
    found.push(
      finding('behavior', 'warning', text, '"response.enabled": true, or respond "alert"'),
    );
  }
  for (const path of response.protected.filter((one) => !exists(one))) {
    found.push(
      finding('behavior', 'warning', `response.protected: there is no ${path}`, 'correct the path'),
    );
  }
  for (const [name, { command }] of Object.entries(response.commands)) {
    if (exists(command)) continue;
    const text = `response.commands.${name}: there is no ${command}`;
    found.push(finding('behavior', 'problem', text, 'correct the path'));
  }
  const mode = response.dry_run ? 'tried without effect' : 'on';
  const responses = response.enabled ? mode : 'off';
  const text = `${judged.length - blind.length} of ${BEHAVIOR_NAMES.length} kinds are judged; responses are ${responses}`;
  return [finding('behavior', 'ok', text), ...found];
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

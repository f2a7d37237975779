import { execFileSync } from 'node:child_process';
import { fileText } from '../../daemon/host-facts.ts';
import { counted } from '../output/counted.ts';
import { type Finding, finding } from './finding.ts';

/** Keys that products give their rules, and what their processes are called (comm). */
const OWNERS: readonly (readonly [key: RegExp, product: string, comms: readonly string[]])[] = [
  [/^mdatp/, 'Microsoft Defender for Endpoint', ['wdavdaemon', 'mdatp_audisp_pl']],
  [/^auoms/, 'Azure auoms', ['auoms', 'auomscollect']],
  [/^wazuh_/, 'Wazuh', ['wazuh-syscheckd', 'ossec-syscheckd']],
];
const AUDITCTL_MS = 5000;

/** Runs auditctl; its standard output. Throws when it fails. */
export type Auditctl = (args: readonly string[]) => string;

export const auditctl: Auditctl = (args) =>
  execFileSync('auditctl', [...args], {
    encoding: 'utf8',
    timeout: AUDITCTL_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  });

export interface LeftRule {
  readonly rule: string; // as auditctl -l writes it
  readonly key: string;
  readonly product: string;
}

export interface AuditState {
  /** As the kernel says: 0 off, 1 on, 2 on and not to be changed until the next boot. */
  readonly enabled: number;
  readonly daemonPid: number; // 0: none
  readonly rules: readonly string[];
  /** Rules of products that are known by their key, and do not run. */
  readonly left: readonly LeftRule[];
}

/** A rule's last key: -k KEY or -F key=KEY. */
function keyOf(rule: string): string | undefined {
  return [...rule.matchAll(/(?:^|\s)(?:-k\s+|-F\s+key=)(\S+)/g)].at(-1)?.[1];
}

/** @param running names of processes (comm) */
export function leftRules(rules: readonly string[], running: ReadonlySet<string>): LeftRule[] {
  return rules.flatMap((rule) => {
    const key = keyOf(rule);
    if (key === undefined) return [];
    const owner = OWNERS.find(([pattern]) => pattern.test(key));
    if (owner === undefined || owner[2].some((comm) => running.has(comm))) return [];
    return [{ rule, key, product: owner[1] }];
  });
}

/** State of the kernel's audit. Throws when auditctl is not there or not permitted. */
export function auditState(run: Auditctl, running: ReadonlySet<string>): AuditState {
  const status = run(['-s']);
  const number = (name: string): number =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const rules = run(['-l'])
    .split('\n')
    .filter((line) => /^-[aAw] /.test(line));
  return {
    enabled: number('enabled'),
    daemonPid: number('pid'),
    rules,
    left: leftRules(rules, running),
  };
}

export function examineAudit(state: AuditState): Finding[] {
  const found: Finding[] = [];
  const { enabled, daemonPid, rules, left } = state;
  const who = daemonPid === 0 ? undefined : fileText(`/proc/${daemonPid}/comm`);
  const reader = who === undefined ? 'nobody reads it' : `${who} (pid ${daemonPid}) reads it`;
  const on = enabled === 0 ? 'off' : 'on';
  const text = `kernel audit is ${on}, with ${counted(rules.length, 'rule')}; ${reader}`;
  const syscalls = rules.filter((rule) => rule.includes(' -S ')).length;
  const cost =
    syscalls === 0
      ? 'it does not conflict with weir'
      : `no conflict with weir, but ${counted(syscalls, 'rule')} for system calls slow down each call`;
  found.push(finding('audit', 'info', `${text}: ${cost}`));
  if (enabled === 2) {
    const fixed = 'audit rules are immutable (enabled 2): changing them needs a reboot';
    found.push(finding('audit', 'info', fixed));
  }
  for (const { rule, product } of left) {
    const remedy =
      enabled === 2
        ? 'remove it from /etc/audit/rules.d and reboot: rules are immutable'
        : 'weir doctor --fix removes it after a yes';
    found.push(
      finding('audit', 'warning', `${product} does not run, its rule stayed: ${rule}`, remedy),
    );
  }
  return found;
}

/** Arguments of auditctl that take a rule away again; its words hold no white space. */
export function removal(rule: string): string[] {
  const [first = '', ...rest] = rule.trim().split(/\s+/);
  return [first === '-w' ? '-W' : '-d', ...rest];
}

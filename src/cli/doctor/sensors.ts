import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileText } from '../../daemon/host-facts.ts';
import { bpfHolders, otherSensors } from '../../daemon/other-sensors.ts';
import { type AuditState, auditctl, auditState, examineAudit } from './audit.ts';
import { type Finding, finding } from './finding.ts';

const BPFTOOL_MS = 10_000;
const MIB = 1 << 20;
const NAMES_SHOWN = 8;
const TRACING = /trac|kprobe|perf|lsm/;

interface BpfProgram {
  readonly id: number;
  readonly type: string;
  readonly name?: string;
  readonly run_time_ns?: number; // while kernel.bpf_stats_enabled is 1
}

/** Names of processes now. */
export function runningComms(): Set<string> {
  const pids = readdirSync('/proc').filter((name) => /^[1-9]\d*$/.test(name));
  return new Set(pids.flatMap((pid) => fileText(`/proc/${pid}/comm`) ?? []));
}

/** undefined with the reason when audit's state cannot be had. */
export function readAudit(): { readonly state?: AuditState; readonly why: string } {
  try {
    return { state: auditState(auditctl, runningComms()), why: '' };
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') return { why: 'auditctl is not installed: rules are not known' };
    return { why: `auditctl failed: ${(stderr || (error as Error).message).trim()}` };
  }
}

/** All programs of the kernel; empty when bpftool is not there or may not look. */
function programs(): BpfProgram[] {
  try {
    const text = execFileSync('bpftool', ['prog', 'show', '--json'], {
      encoding: 'utf8',
      timeout: BPFTOOL_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * MIB,
    });
    return JSON.parse(text) as BpfProgram[];
  } catch {
    return [];
  }
}

/** @param own processes of weir */
function bpf(own: ReadonlySet<number>): Finding[] {
  const found: Finding[] = [];
  // In this order: what is loaded meanwhile has a holder already.
  const loaded = programs();
  const holders = bpfHolders();
  for (const { pid, comm, programs: held, maps, cpu_percent: cpu } of holders) {
    if (own.has(pid)) continue;
    const text = `${comm} (pid ${pid}) holds ${held} eBPF programs and ${maps} maps, at ${cpu} % of a processor`;
    found.push(finding('eBPF', 'info', `${text}: no conflict, each pays for its own`));
  }
  const held = new Set(holders.flatMap(({ programIds }) => programIds));
  const orphans = loaded.filter(({ id, type }) => TRACING.test(type) && !held.has(id));
  if (orphans.length > 0) {
    const names = [...new Set(orphans.map(({ name, id }) => name ?? `id ${id}`))];
    const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : '';
    const ms = orphans.reduce((all, { run_time_ns: ns = 0 }) => all + ns, 0) / 1e6;
    const time = ms > 0 ? `; they ran for ${ms.toFixed(0)} ms` : '';
    const list = `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
    const text = `${orphans.length} tracing programs are pinned, or attached without a process: ${list}`;
    found.push(finding('eBPF', 'info', `${text}${time}`));
  }
  return found;
}

/** Who else watches this host, what that costs, and whether it is in the way. */
export function examineSensors(daemonPid: number | undefined): Finding[] {
  const own = new Set([process.pid, ...(daemonPid === undefined ? [] : [daemonPid])]);
  const found: Finding[] = [];
  for (const { product, means, pid, cpu_percent: cpu, rss_bytes: rss } of otherSensors()) {
    const cost = `${cpu} % of a processor since its start, ${Math.round(rss / MIB)} MiB`;
    const text = `${product} (pid ${pid}) watches by ${means}: ${cost}; no conflict`;
    found.push(finding('sensors', 'info', text));
  }
  if (found.length === 0) found.push(finding('sensors', 'ok', 'no other product is seen'));
  const { state, why } = readAudit();
  if (state === undefined) found.push(finding('audit', 'info', why));
  else found.push(...examineAudit(state));
  return [...found, ...bpf(own)];
}

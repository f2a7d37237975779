import { isIP } from 'node:net';
import type { ClassName } from '../sensor/schema.ts';
import { containerOf } from './container-id.ts';
import type { PathPattern } from './path-pattern.ts';
import type { StreamRule } from './rules.ts';
import { climbs } from './unclean-path.ts';

/** What a row of a table says about an event. What it does not say is undefined. */
export interface Subject {
  readonly className?: ClassName | undefined;
  readonly action?: string | undefined;
  readonly file?: string | undefined;
  readonly destination?: string | undefined;
  readonly executable?: string | undefined;
  readonly mountNamespace?: number | undefined;
  readonly processId?: bigint | undefined;
  readonly uid?: number | undefined;
  readonly cgroupId?: bigint | undefined;
  readonly container?: string | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly remote?: string | undefined;
}

/** What a row alone does not say. */
export interface SubjectHost {
  readonly cgroupPath: (id: bigint) => string | undefined;
  readonly userId: (name: string) => number | undefined;
  /** Whether a process belongs to the tree of a rule. */
  readonly inTree: (rule: StreamRule, processId: bigint) => boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function wholeOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  const whole = wholeOf(value);
  return whole === undefined ? undefined : Number(whole);
}

/**
 * Reads a row by the names that event tables have. Tables of files call the executable
 * `executable`, and `path` the file; in others `path` is the executable.
 */
export function subjectOf(row: Fields, className?: ClassName): Subject {
  const ofFile = className === 'file' || (className === undefined && 'executable' in row);
  return {
    className,
    action: textOf(ofFile ? (row.operation ?? row.action) : (row.action ?? exec(className))),
    file: textOf(row.target_path) ?? (ofFile ? textOf(row.path) : undefined),
    destination: textOf(row.dest_path) ?? textOf(row.destination),
    executable: textOf(ofFile ? row.executable : row.path),
    mountNamespace: numberOf(row.mnt_ns),
    processId: wholeOf(row.process_id),
    uid: numberOf(row.uid),
    cgroupId: wholeOf(row.cgroup_id),
    container: textOf(row.container_id),
    ports: [row.local_port, row.remote_port].map(numberOf).filter((port) => port !== undefined),
    remote: textOf(row.remote_address),
  };
}

const exec = (className: ClassName | undefined): string | undefined =>
  className === 'process' ? 'exec' : undefined;

/** Whether the whole rule holds. A condition about what the row does not say never does. */
export function ruleMatches(rule: StreamRule, subject: Subject, host: SubjectHost): boolean {
  const { className, action, executable } = subject;
  if (className !== undefined && !rule.classes.has(className)) return false;
  if (rule.actions !== undefined && !rule.actions.has(action ?? '')) return false;
  for (const pattern of [rule.path, rule.extension]) {
    if (pattern !== undefined && !fileMatches(pattern, subject)) return false;
  }
  const { executables, uids, username, port, address, cgroup, container, tree } = rule;
  if (executables?.some((pattern) => named(pattern, executable)) === false) return false;
  if (tree !== undefined) {
    if (subject.processId === undefined || !host.inTree(rule, subject.processId)) return false;
  } else if (rule.mountNamespace !== undefined && rule.mountNamespace !== subject.mountNamespace) {
    return false;
  }
  if (uids !== undefined && !uids.includes(subject.uid ?? -1)) return false;
  if (username !== undefined && host.userId(username) !== (subject.uid ?? -1)) return false;
  if (port !== undefined && !subject.ports?.includes(port)) return false;
  if (address !== undefined) {
    const version = isIP(subject.remote ?? '');
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (version === 0 || !address.list.check(subject.remote as string, family)) return false;
  }
  if (cgroup !== undefined || container !== undefined) {
    const id = subject.cgroupId;
    const path = id === undefined ? undefined : host.cgroupPath(id);
    if (container !== undefined) {
      const own = subject.container ?? containerOf(path ?? '')?.id;
      if (own?.startsWith(container) !== true) return false;
    }
    if (cgroup !== undefined) {
      const holds = 'id' in cgroup ? cgroup.id === id : cgroup.pattern.matchesText(path ?? '');
      if (!holds) return false;
    }
  }
  return true;
}

/** As the stream does it: what moves out of an excluded place is kept. */
function fileMatches(pattern: PathPattern, { file, action, destination }: Subject): boolean {
  if (!named(pattern, file)) return false;
  const moves = action === 'rename' || action === 'link';
  return !moves || destination === undefined || named(pattern, destination);
}

function named(pattern: PathPattern, path: string | undefined): boolean {
  if (path === undefined || !pattern.matchesText(path)) return false;
  const bytes = new TextEncoder().encode(path);
  return !climbs(bytes, 0, bytes.length);
}

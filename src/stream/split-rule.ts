import { BEHAVIOR_NAMES } from '../config/behaviors.ts';
import { KERNEL_ACTION_NAMES } from '../config/kernel-actions.ts';
import type { ExclusionRule } from '../config/schema.ts';
import type { KernelFilters } from '../sensor/native.ts';
import type { ClassName } from '../sensor/schema.ts';
import { isKernelPrefix } from './kernel-prefix.ts';
import { PathPattern } from './path-pattern.ts';
import { type CgroupCondition, classBit, type StreamRule } from './rules.ts';

/** What a rule's names stand for on the host; undefined when they stand for nothing. */
export interface RuleHost {
  userId(name: string): number | undefined;
  cgroupId(path: string): bigint | undefined;
  realPath(path: string): string | undefined;
}

/** One entry of a kernel map. */
export type KernelRule =
  | { readonly kind: 'cgroup'; readonly entry: KernelFilters['excludeCgroups'][number] }
  | { readonly kind: 'executable'; readonly entry: KernelFilters['excludeExecutables'][number] }
  | { readonly kind: 'uid'; readonly entry: KernelFilters['excludeUids'][number] }
  | { readonly kind: 'port'; readonly entry: number }
  | { readonly kind: 'prefix'; readonly entry: string };

/** The two never hold for the same event. */
export interface SplitRule {
  readonly kernel?: KernelRule;
  readonly stream?: StreamRule;
}

type Excludable = Exclude<ClassName, 'seen' | 'host'>;

const ACTIONS: Readonly<Record<Excludable, readonly string[]>> = {
  process: ['exec'],
  lifecycle: ['fork', 'exit'],
  socket: ['connect', 'accept', 'bind', 'listen', 'send', 'close'],
  dns: ['question', 'answer'],
  file: [
    ...['create', 'open_write', 'open_read', 'close_write', 'rename', 'unlink', 'link'],
    ...[
      'symlink',
      'mkdir',
      'rmdir',
      'mknod',
      'chmod',
      'chown',
      'truncate',
      'mmap_write',
      'attributes',
    ],
  ],
  kernel: KERNEL_ACTION_NAMES,
  behavior: BEHAVIOR_NAMES,
};

const TABLE_CLASS: Readonly<Record<string, Excludable>> = {
  process_events: 'process',
  process_lifecycle_events: 'lifecycle',
  socket_events: 'socket',
  dns_events: 'dns',
  file_events: 'file',
  process_file_events: 'file',
  kernel_events: 'kernel',
  behavior_events: 'behavior',
};

/** Of these the kernel's prefixes leave every one to the stream, which knows both names: what is
 * moved out of an excluded folder must be seen. */
const TWO_NAMES = ['rename', 'link'];

/** Decides whether a rule goes into a kernel map or stays in the stream. */
export function splitRule(
  rule: ExclusionRule,
  index: number,
  host: RuleHost,
  warn: (text: string) => void,
): SplitRule {
  const classes = classesOf(rule);
  const stream = streamRule(rule, index, classes, host, warn);
  const kernel = kernelRule(stream, host);
  if (kernel === undefined) return { stream };
  if (kernel.kind !== 'prefix') return { kernel };
  return { kernel, stream: { ...stream, actions: new Set(TWO_NAMES) } };
}

/** process_seen is never left out: joins on exec_id must not miss. */
function classesOf(rule: ExclusionRule): Set<Excludable> {
  let classes = Object.keys(ACTIONS) as Excludable[];
  if (rule.path !== undefined) classes = ['file'];
  if (rule.port !== undefined) classes = ['socket'];
  const tables = rule.tables?.map((table) => TABLE_CLASS[table]);
  const actions = rule.actions;
  return new Set(
    classes.filter(
      (name) =>
        (tables === undefined || tables.includes(name)) &&
        (actions === undefined || ACTIONS[name].some((action) => named(actions, action))),
    ),
  );
}

const named = (actions: readonly string[], action: string): boolean => actions.includes(action);

function streamRule(
  rule: ExclusionRule,
  index: number,
  classes: ReadonlySet<Excludable>,
  host: RuleHost,
  warn: (text: string) => void,
): StreamRule {
  const { path, executable, uid, user, cgroup, port, actions } = rule;
  const some =
    actions !== undefined &&
    [...classes].some((name) => ACTIONS[name].some((action) => !named(actions, action)));
  const userId = user === undefined ? uid : host.userId(user);
  if (user !== undefined && userId === undefined) {
    warn(`there is no user ${user} in /etc/passwd (yet): the stream looks for it`);
  }
  return {
    index,
    classes,
    ...(path === undefined ? {} : { path: new PathPattern(path) }),
    ...(executable === undefined ? {} : { executables: executablePatterns(executable, host) }),
    ...(userId === undefined ? {} : { uids: [userId] }),
    ...(user === undefined || userId !== undefined ? {} : { username: user }),
    ...(cgroup === undefined ? {} : { cgroup: cgroupCondition(cgroup, host) }),
    ...(port === undefined ? {} : { port }),
    ...(some ? { actions: new Set(actions) } : {}),
  };
}

/** Events name the file itself, so a rule that names a symbolic link holds for what it points to. */
function executablePatterns(executable: string, host: RuleHost): PathPattern[] {
  const pattern = new PathPattern(executable);
  const real = pattern.kind === 'exact' ? host.realPath(executable) : undefined;
  if (real === undefined || real === executable) return [pattern];
  return [pattern, literalPattern(real)];
}

/** A path whose own characters mean nothing. */
const literalPattern = (path: string): PathPattern =>
  new PathPattern(path.replace(/[*?[\]{}\\]/g, '\\$&'));

function cgroupCondition(cgroup: string | number, host: RuleHost): CgroupCondition {
  if (typeof cgroup === 'number' || !cgroup.startsWith('/')) return { id: BigInt(cgroup) };
  const pattern = new PathPattern(cgroup);
  const id = pattern.kind === 'exact' ? host.cgroupId(cgroup) : undefined;
  return id === undefined ? { pattern } : { id };
}

function kernelRule(rule: StreamRule, host: RuleHost): KernelRule | undefined {
  const { path, executables, uids, username, cgroup, port, actions } = rule;
  const conditions = [path, executables, uids, username, cgroup, port, actions];
  if (conditions.filter((condition) => condition !== undefined).length !== 1) return undefined;
  let classes = 0;
  for (const name of rule.classes) classes |= classBit(name);

  if (path !== undefined && isKernelPrefix(path)) {
    return { kind: 'prefix', entry: new TextDecoder().decode(path.literal) };
  }
  if (port !== undefined) return { kind: 'port', entry: port };
  if (uids?.[0] !== undefined) return { kind: 'uid', entry: { uid: uids[0], classes } };
  if (cgroup !== undefined && 'id' in cgroup) {
    return { kind: 'cgroup', entry: { id: cgroup.id, classes } };
  }
  const executable = executables?.[0];
  // The map holds (device, inode): a file that is not there yet cannot be put in.
  if (executable?.kind === 'exact') {
    const real = host.realPath(executable.source);
    if (real !== undefined) return { kind: 'executable', entry: { path: real, classes } };
  }
  return undefined;
}

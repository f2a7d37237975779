import { BlockList, isIP } from 'node:net';
import { BEHAVIOR_NAMES } from '../config/behaviors.ts';
import { KERNEL_ACTION_NAMES } from '../config/kernel-actions.ts';
import type { ExclusionRule } from '../config/schema.ts';
import type { KernelExclusion, KernelFilters } from '../native/sensor.ts';
import type { ClassName } from '../sensor/schema.ts';
import { isKernelPrefix } from './kernel-prefix.ts';
import { PathPattern } from './path-pattern.ts';
import {
  type CgroupCondition,
  classBit,
  type RemoteNetwork,
  type StreamRule,
  type TreeRoot,
} from './rules.ts';

/** What a rule's names stand for on the host; undefined when they stand for nothing. */
export interface RuleHost {
  userId(name: string): number | undefined;
  cgroupId(path: string): bigint | undefined;
  realPath(path: string): string | undefined;
  /** Of the host's own processes; undefined when it cannot be had. */
  mountNamespace(): number | undefined;
}

/** One entry of a kernel map. */
export type KernelRule =
  | { readonly kind: 'cgroup'; readonly entry: KernelFilters['excludeCgroups'][number] }
  | { readonly kind: 'executable'; readonly entry: KernelFilters['excludeExecutables'][number] }
  | { readonly kind: 'uid'; readonly entry: KernelFilters['excludeUids'][number] }
  | { readonly kind: 'port'; readonly entry: KernelFilters['excludePorts'][number] }
  | { readonly kind: 'address'; readonly entry: KernelFilters['excludeAddresses'][number] }
  | { readonly kind: 'prefix'; readonly entry: KernelFilters['excludePrefixes'][number] };

/** The two never hold for the same event. */
export interface SplitRule {
  readonly kernel?: KernelRule;
  readonly stream?: StreamRule;
}

/** Where a rule stands, and where what it leaves out is counted. */
export interface RulePlace {
  readonly index: number;
  readonly slot: number;
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
  place: RulePlace,
  host: RuleHost,
  warn: (text: string) => void,
): SplitRule {
  const classes = classesOf(rule);
  if (rule.executable_file !== undefined) {
    const file = fileOf(rule.executable_file);
    return { kernel: { kind: 'executable', entry: { file, ...entryOf(classes, place.slot) } } };
  }
  const stream = streamRule(rule, place, classes, host, warn);
  const kernel = kernelRule(stream, host);
  if (kernel === undefined) return { stream };
  if (kernel.kind !== 'prefix') return { kernel };
  return { kernel, stream: { ...stream, actions: new Set(TWO_NAMES) } };
}

/** A rule as the stream would apply all of it; `executable_file` is not among what it can. */
export function compileRule(rule: ExclusionRule, index: number, host: RuleHost): StreamRule {
  return streamRule(rule, { index, slot: 0 }, classesOf(rule), host, () => {});
}

/** process_seen is never left out: joins on exec_id must not miss. */
function classesOf(rule: ExclusionRule): Set<Excludable> {
  let classes = Object.keys(ACTIONS) as Excludable[];
  if (rule.path !== undefined || rule.extension !== undefined) classes = ['file'];
  if (rule.port !== undefined || rule.address !== undefined) classes = ['socket'];
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

/** The kernel's number of a device is major << 20 | minor. */
function fileOf(text: string): { dev: bigint; inode: bigint } {
  const [major = '0', minor = '0', inode = '0'] = text.split(':');
  return { dev: (BigInt(major) << 20n) | BigInt(minor), inode: BigInt(inode) };
}

function entryOf(names: Iterable<ClassName>, slot: number): KernelExclusion {
  let classes = 0;
  for (const name of names) classes |= classBit(name);
  return { classes, slot };
}

/** @throws never: configuration is checked */
export function remoteNetwork(text: string): RemoteNetwork {
  const [address = '', given] = text.split('/');
  const version = isIP(address);
  const bits = given === undefined ? (version === 4 ? 32 : 128) : Number(given);
  const list = new BlockList();
  list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  return { address, bits, list };
}

export function treeRoot(text: string): TreeRoot {
  if (/^-?\d+$/.test(text)) return { processId: BigInt(text) };
  return { executable: new PathPattern(text) };
}

/**
 * A name of an executable means the host's: what a container, or anybody in a namespace of their
 * own, calls /usr/sbin/nginx is something else.
 */
function namespaceOf(rule: ExclusionRule, host: RuleHost): number | undefined {
  const { mount_namespace: said, executable, tree } = rule;
  const byName = executable !== undefined || tree?.includes('/') === true;
  const wanted = said ?? (byName ? 'host' : 'any');
  if (wanted === 'any') return undefined;
  // 0 is nobody's: without the host's number nothing is left out.
  return wanted === 'host' ? (host.mountNamespace() ?? 0) : wanted;
}

function streamRule(
  rule: ExclusionRule,
  { index, slot }: RulePlace,
  classes: ReadonlySet<Excludable>,
  host: RuleHost,
  warn: (text: string) => void,
): StreamRule {
  const { path, executable, uid, user, cgroup, port, actions, extension, tree } = rule;
  const mountNamespace = namespaceOf(rule, host);
  const some =
    actions !== undefined &&
    [...classes].some((name) => ACTIONS[name].some((action) => !named(actions, action)));
  const userId = user === undefined ? uid : host.userId(user);
  if (user !== undefined && userId === undefined) {
    warn(`there is no user ${user} in /etc/passwd (yet): the stream looks for it`);
  }
  return {
    index,
    slot,
    classes,
    ...(path === undefined ? {} : { path: new PathPattern(path) }),
    ...(extension === undefined ? {} : { extension: new PathPattern(`/**/*.${extension}`) }),
    ...(mountNamespace === undefined ? {} : { mountNamespace }),
    ...(tree === undefined ? {} : { tree: treeRoot(tree) }),
    ...(rule.container === undefined ? {} : { container: rule.container }),
    ...(rule.address === undefined ? {} : { address: remoteNetwork(rule.address) }),
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
  const { path, executables, uids, username, cgroup, port, actions, mountNamespace } = rule;
  const { address, container, extension, tree } = rule;
  const conditions: unknown[] = [path, executables, uids, username, cgroup, port, actions];
  conditions.push(address, container, extension, tree);
  if (conditions.filter((condition) => condition !== undefined).length !== 1) return undefined;
  const entry = entryOf(rule.classes, rule.slot);

  const executable = executables?.[0];
  // The map holds (device, inode), which no other namespace can fake; a file that is not there yet
  // cannot be put in.
  if (executable?.kind === 'exact' && mountNamespace === host.mountNamespace()) {
    const real = host.realPath(executable.source);
    if (real !== undefined) return { kind: 'executable', entry: { file: real, ...entry } };
  }
  if (mountNamespace !== undefined) return undefined;
  if (path !== undefined && isKernelPrefix(path)) {
    return { kind: 'prefix', entry: { prefix: new TextDecoder().decode(path.literal), ...entry } };
  }
  if (port !== undefined) return { kind: 'port', entry: { port, ...entry } };
  if (address !== undefined) {
    const { address: text, bits } = address;
    return { kind: 'address', entry: { network: { address: text, bits }, ...entry } };
  }
  if (uids?.[0] !== undefined) return { kind: 'uid', entry: { uid: uids[0], ...entry } };
  if (cgroup !== undefined && 'id' in cgroup) {
    return { kind: 'cgroup', entry: { id: cgroup.id, ...entry } };
  }
  return undefined;
}

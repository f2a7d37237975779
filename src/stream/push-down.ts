import { realpathSync, statSync } from 'node:fs';
import { WeirError } from '../config/errors.ts';
import { isExpired, scopeOf } from '../config/exclusion.ts';
import type { Config, ExclusionRule } from '../config/schema.ts';
import { EXCLUSION_SLOTS, type KernelFilters } from '../native/sensor.ts';
import { behaviorFilters } from './behavior-filters.ts';
import { cgroupIdOf } from './cgroup-paths.ts';
import { isKernelPrefix, kernelPrefix } from './kernel-prefix.ts';
import { osqueryPattern } from './osquery-pattern.ts';
import { PathPattern } from './path-pattern.ts';
import {
  classBit,
  OTHER_SLOT,
  type StreamRule,
  type StreamRules,
  type WantedReads,
} from './rules.ts';
import { type KernelRule, type RuleHost, splitRule } from './split-rule.ts';
import { UserNames } from './user-names.ts';

export interface PushedDown {
  readonly filters: KernelFilters;
  /** What is left to the stream. No event is asked about the same rule twice. */
  readonly rules: StreamRules;
  /** Where a rule works, by its index: kernel, stream, or both. */
  readonly places: ReadonlyMap<number, string>;
  /** For people: what could not be taken as written, and what was done instead. */
  readonly warnings: readonly string[];
}

type PushableConfig = Pick<
  Config,
  | ('collect' | 'debounce' | 'exclude' | 'send_window_ms' | 'sensor')
  | ('exclude_paths' | 'file_accesses' | 'file_paths')
  | ('behavior' | 'response')
>;

/** Asks the running host. */
export function thisHost(): RuleHost {
  const users = new UserNames();
  return {
    userId: (name) => users.idOf(name),
    cgroupId: (path) => cgroupIdOf(path),
    mountNamespace: () => {
      for (const process of ['1', 'self']) {
        try {
          return statSync(`/proc/${process}/ns/mnt`).ino;
        } catch {
          // Without rights its own tells.
        }
      }
      return undefined;
    },
    realPath: (path) => {
      try {
        return realpathSync(path);
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * Splits a configuration into what kernel maps can hold (one condition per rule: a folder, an
 * executable, a uid, a cgroup, a port, a network) and what the stream has to look at (wildcards inside a path,
 * single files, several conditions, actions).
 *
 * @throws WeirError CONFIG_SCOPE (78) when something that collection is restricted to does not
 * exist: leaving it out could turn "only this" into "everything"
 */
export function pushDown(
  config: PushableConfig,
  host: RuleHost = thisHost(),
  slotOf: (rule: ExclusionRule, index: number) => number = slotByPlace,
): PushedDown {
  const now = Date.now() / 1000;
  const { repeats, rate_limit: limit } = config.sensor;
  const warnings: string[] = [];
  const kernel: KernelRule[] = [];
  const stream: StreamRule[] = [];
  const places = new Map<number, string>();
  config.exclude.forEach((rule, index) => {
    if (scopeOf(rule) !== 'collection' || isExpired(rule, now)) return;
    const split = splitRule(rule, { index, slot: slotOf(rule, index) }, host, (text) =>
      warnings.push(`exclude[${index}]: ${text}`),
    );
    if (split.kernel !== undefined) kernel.push(split.kernel);
    if (split.stream !== undefined) stream.push(split.stream);
    const where = [split.kernel && 'kernel', split.stream && 'stream'];
    places.set(index, where.filter((place) => place !== undefined).join(', '));
  });
  const reads = wantedReads(config);
  const readPaths = reads.flatMap(({ paths }) => paths);
  const readPrefixes = [...new Set(readPaths.map(kernelPrefix))];
  if (readPrefixes.includes('/')) {
    warnings.push('a read pattern begins with a wildcard: every open for reading is looked at');
  }
  const { collect } = config;
  return {
    filters: {
      classes: classesOf(collect),
      onlyCgroups: collect.only.cgroups.map((cgroup) => scopeCgroup(cgroup, host)),
      onlyExecutables: collect.only.executables.map((path) => scopeExecutable(path, host)),
      excludeCgroups: kernel.flatMap((r) => (r.kind === 'cgroup' ? [r.entry] : [])),
      excludeExecutables: kernel.flatMap((r) => (r.kind === 'executable' ? [r.entry] : [])),
      excludeUids: kernel.flatMap((r) => (r.kind === 'uid' ? [r.entry] : [])),
      excludePorts: kernel.flatMap((r) => (r.kind === 'port' ? [r.entry] : [])),
      excludeAddresses: kernel.flatMap((r) => (r.kind === 'address' ? [r.entry] : [])),
      excludePrefixes: kernel.flatMap((r) => (r.kind === 'prefix' ? [r.entry] : [])),
      readPrefixes,
      unixSockets: collect.unix_sockets,
      sendWindowMs: config.send_window_ms,
      // Who wants every repeat as a row wants it here, too.
      repeatIntervalMs: config.debounce.window_ms === 0 ? 0 : repeats.interval_ms,
      repeatBurst: repeats.burst,
      treeRate: limit.tree,
      cgroupRate: limit.cgroup,
      rateBurst: limit.burst,
      behavior: behaviorFilters(config),
    },
    rules: {
      exclude: stream,
      ...(reads.every(isWholeInKernel) ? {} : { reads }),
    },
    places,
    warnings,
  };
}

/** Where nobody asks for the counts of each. */
const slotByPlace = (_: ExclusionRule, index: number): number =>
  index + 1 < EXCLUSION_SLOTS ? index + 1 : OTHER_SLOT;

function classesOf(collect: Config['collect']): number {
  let classes = classBit('seen');
  if (collect.process) classes |= classBit('process') | classBit('lifecycle');
  if (collect.socket) classes |= classBit('socket');
  if (collect.dns) classes |= classBit('dns');
  if (collect.file) classes |= classBit('file');
  if (collect.kernel) classes |= classBit('kernel');
  if (collect.behavior) classes |= classBit('behavior');
  return classes;
}

/** read_paths, and of each category that osquery's file_accesses asks for its files, but for those
 * that its exclude_paths leave out. */
function wantedReads(config: PushableConfig): WantedReads[] {
  const { collect, file_accesses: accessed, file_paths: paths, exclude_paths: except } = config;
  const own = { paths: collect.read_paths.map((text) => new PathPattern(text)), except: [] };
  const categories = accessed.map((name) => ({
    paths: (paths[name] ?? []).map(osqueryPattern),
    except: (except[name] ?? []).map(osqueryPattern),
  }));
  return [own, ...categories].filter((each) => each.paths.length > 0);
}

/** The kernel drops all that is not wanted: nothing is left to look at. */
function isWholeInKernel({ paths, except }: WantedReads): boolean {
  return except.length === 0 && paths.every(isKernelPrefix);
}

function scopeCgroup(cgroup: string | number, host: RuleHost): bigint {
  if (typeof cgroup === 'number' || !cgroup.startsWith('/')) return BigInt(cgroup);
  const id = host.cgroupId(cgroup);
  if (id !== undefined) return id;
  throw new WeirError(
    'CONFIG_SCOPE',
    `collect.only.cgroups: there is no cgroup ${cgroup}; create it before weir starts`,
    { exitCode: 78 },
  );
}

function scopeExecutable(path: string, host: RuleHost): string {
  const real = host.realPath(path);
  if (real !== undefined) return real;
  throw new WeirError(
    'CONFIG_SCOPE',
    `collect.only.executables: there is no file ${path}; install it before weir starts`,
    { exitCode: 78 },
  );
}

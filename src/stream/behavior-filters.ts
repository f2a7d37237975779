import { BEHAVIOR_NAMES } from '../config/behaviors.ts';
import { protectedExecutables } from '../config/protected.ts';
import type { Config } from '../config/schema.ts';
import type { BehaviorFilters } from '../native/sensor.ts';

/** What the kernel programs are told of `behavior` and `response`. */
export function behaviorFilters(config: Pick<Config, 'behavior' | 'response'>): BehaviorFilters {
  const { behavior, response } = config;
  const bits = (respond: string): number =>
    BEHAVIOR_NAMES.reduce(
      (all, name, i) => all | (behavior[name].respond === respond ? 1 << i : 0),
      0,
    );
  return {
    fileWindowMs: behavior.window_ms,
    socketWindowMs: behavior.window_ms,
    execWindowMs: behavior.exec_window_ms,
    thresholds: BEHAVIOR_NAMES.map((name) => behavior[name].threshold),
    cgroupFactor: behavior.cgroup_factor,
    respond: response.enabled,
    kill: bits('kill'),
    stop: bits('stop'),
    dryRun: response.dry_run,
    limit: response.limit,
    limitIntervalMs: response.limit_interval * 1000,
    protectedExecutables: protectedExecutables(config),
  };
}

import { type OperatorFunction, pipe, type SchedulerLike } from 'rxjs';
import type { Config } from '../config/schema.ts';
import type { EventBatch } from '../sensor/batch.ts';
import { categorize } from './categorize.ts';
import { CgroupPaths } from './cgroup-paths.ts';
import { Containers } from './containers.ts';
import type { Count } from './counts.ts';
import { debounce } from './debounce.ts';
import { enrich } from './enrich.ts';
import { exclude } from './exclude.ts';
import type { StreamGuard } from './guard.ts';
import { HostNames } from './host-names.ts';
import { monotonicScheduler } from './monotonic-scheduler.ts';
import type { ProcessTrees } from './process-trees.ts';
import type { RowKeeper } from './repeat-window.ts';
import type { StreamRules } from './rules.ts';
import type { LiveTee } from './tee.ts';
import { UserNames } from './user-names.ts';

export interface PipelineOptions {
  readonly config: Pick<Config, 'debounce' | 'file_paths' | 'exclude_paths'>;
  /** What the kernel does not do itself: `pushDown(config).rules`. */
  readonly rules: StreamRules;
  readonly count: Count; // native.count
  readonly suppressed?: (slot: number, rows: number) => void; // see ExcludeOptions
  readonly makeKeeper: (eventClass: number) => RowKeeper; // (c) => new native.RowKeeper(c)
  readonly guard: StreamGuard;
  readonly live: LiveTee;
  readonly trees?: ProcessTrees; // see ExcludeOptions
  readonly users?: UserNames;
  readonly cgroups?: CgroupPaths;
  readonly scheduler?: SchedulerLike;
}

/**
 * The way of every batch from sensor to store. Rows are dropped before they are debounced, so that
 * nothing waits in vain, and debounced before they are enriched, so that repeats cost nothing more.
 */
export function streamPipeline(options: PipelineOptions): OperatorFunction<EventBatch, EventBatch> {
  const { config, guard, count } = options;
  const users = options.users ?? new UserNames();
  const cgroups = options.cgroups ?? new CgroupPaths();
  const containers = new Containers({ cgroups });
  const hosts = new HostNames();
  return pipe(
    // Before rows are left out: what a name stands for is known all the same.
    guard.each('host-names', (batch) => hosts.learn(batch)),
    exclude({
      rules: options.rules,
      count,
      guard,
      cgroups,
      containers,
      userId: (name) => users.idOf(name),
      ...(options.trees ? { trees: options.trees } : {}),
      ...(options.suppressed ? { suppressed: options.suppressed } : {}),
    }),
    debounce({
      windowMs: config.debounce.window_ms,
      entries: config.debounce.entries,
      makeKeeper: options.makeKeeper,
      count,
      guard,
      scheduler: options.scheduler ?? monotonicScheduler,
    }),
    enrich({ guard, users, containers }),
    guard.each('host-names', (batch) => hosts.fill(batch)),
    categorize({ guard, filePaths: config.file_paths, excludePaths: config.exclude_paths }),
    options.live.operator(),
  );
}

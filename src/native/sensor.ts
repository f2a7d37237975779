/** The sensor, what it is told and what it says of itself (addon/sensor). */
import type { NativeBatch } from './batch.ts';

/** What an exclusion in a kernel map says besides its key. */
export interface KernelExclusion {
  readonly classes: number; // bit set: 1 << index
  readonly slot: number; // where `excluded()` counts what it left out, below EXCLUSION_SLOTS
}

/** A path, whose file of that moment counts, or a file by device (the kernel's number) and inode. */
export type ExecutableFile = string | { readonly dev: bigint; readonly inode: bigint };

export interface Network {
  readonly address: string;
  readonly bits: number; // of the address that count
}

export const EXCLUSION_SLOTS = 1024;

/** What the kernel filters for us; pushed into maps, effective at once. */
export interface KernelFilters {
  /** Bit set of classes to collect: 1 << index. */
  readonly classes: number;
  /** Scope: outside these nothing is even seen. Empty: everywhere. */
  readonly onlyCgroups: readonly bigint[];
  readonly onlyExecutables: readonly string[]; // paths, resolved to (dev, inode) by the addon
  /** Exclusions, counted as excluded_kernel. Of equal ones the first counts for all. */
  readonly excludeCgroups: readonly ({ readonly id: bigint } & KernelExclusion)[];
  readonly excludeExecutables: readonly ({ readonly file: ExecutableFile } & KernelExclusion)[];
  readonly excludeUids: readonly ({ readonly uid: number } & KernelExclusion)[];
  readonly excludePorts: readonly ({ readonly port: number } & KernelExclusion)[]; // socket class
  readonly excludeAddresses: readonly ({ readonly network: Network } & KernelExclusion)[]; // socket
  /** File class; at most 248 bytes each. */
  readonly excludePrefixes: readonly ({ readonly prefix: string } & KernelExclusion)[];
  readonly readPrefixes: readonly string[]; // read opens below these are events
  readonly unixSockets: boolean;
  readonly sendWindowMs: number;
  /** Opens and closes of one file by one process: so many a second are records of their own, then
   * one an interval, with a count. Interval 0: all are. */
  readonly repeatBurst: number;
  readonly repeatIntervalMs: number;
  /** Events a second of one session and of one cgroup, and how many more at once; those beyond are
   * counted as rate_limited. Programs, forks and exits are never limited. 0: no limit. */
  readonly treeRate: number;
  readonly cgroupRate: number;
  readonly rateBurst: number;
  readonly behavior: BehaviorFilters;
}

/** What is judged, and what the kernel programs do about it at once. Bits: index in BEHAVIOR_NAMES. */
export interface BehaviorFilters {
  readonly fileWindowMs: number;
  readonly socketWindowMs: number;
  readonly execWindowMs: number;
  readonly thresholds: readonly number[]; // as BEHAVIOR_NAMES; 0: not judged
  readonly cgroupFactor: number; // a cgroup's thresholds are so many times higher; 0: none
  readonly respond: boolean; // false: nothing is killed or stopped
  readonly kill: number;
  readonly stop: number;
  readonly dryRun: boolean;
  readonly limit: number; // responses within the interval
  readonly limitIntervalMs: number;
  readonly protectedExecutables: readonly string[]; // paths, resolved to (dev, inode)
}

/** Where to begin: trampolines, kprobes, or tracepoints alone. */
export type HookTiers = 'best' | 'kprobe' | 'tracepoint';

export interface SensorOptions {
  /** Where the compiled programs are; null: the sensor that does without eBPF. */
  readonly bpfDirectory: string | null;
  readonly filters: KernelFilters;
  /** Batches that may wait for JavaScript before the reader stops reading (default 16). */
  readonly queueBatches?: number;
  /** Best tier of hooks to use (default best); each event falls to the next that can be had. */
  readonly tiers?: HookTiers;
  /** Longest a busy stream waits for a batch to fill, ms (default 5). */
  readonly batchMs?: number;
  /** process_id -> exec_id of this boot from process_seen, so that ids outlive a restart. */
  readonly knownImages?: { readonly processIds: BigInt64Array; readonly execIds: BigInt64Array };
}

/** One program at one hook, for doctor and coverage. */
export interface HookState {
  readonly event: string; // open, "unlink, rmdir", ...: what the programs of one way report
  readonly program: string;
  readonly hook: string;
  readonly tier: string; // trampoline, kprobe, tracepoint
  /** Of each better tier that the event could have, why it has not; '' when it has the best. */
  readonly whyNotBetter: string;
  readonly variant: string; // how it reads kernel memory: direct (6.2 or later) or probe, slower
  readonly wanted: boolean; // a class that it feeds is on; others' hooks are not attached
  readonly attached: boolean;
  readonly reason: string; // why not; '' when attached
  readonly classes: number;
  readonly runTimeNs: number; // when kernel statistics are on
  readonly runCount: number;
}

/** Counters by class index. See weir_loss for what each means. */
export interface LossCounters {
  readonly seen: number[];
  readonly stored: number[];
  readonly pending: number[];
  readonly excludedKernel: number[];
  readonly excludedStream: number[];
  readonly coalesced: number[];
  readonly rateLimited: number[];
  readonly lostRing: number[];
  readonly lostMap: number[];
  readonly lostDecode: number[];
  readonly lostQueue: number[];
  readonly lostStore: number[];
  readonly recursionMisses: number[];
  readonly pageFaults: number[];
}

/** A bounded memory. */
export interface CacheState {
  readonly name: string;
  readonly entries: number;
  readonly bytes: number;
  readonly max_bytes: number;
  /** Entries given up for want of room, since the start of this process. */
  readonly evicted: number;
}

export interface NativeSensor {
  /** Loads, attaches, seeds, starts the reader thread. `wake` runs on the main thread when a
   * batch waits and none did before. Throws NativeError with a code. */
  start(wake: () => void): void;
  /** Next batch, or null when none waits. Taking one gives the reader its credit back. */
  next(): NativeBatch | null;
  configure(filters: KernelFilters): void;
  hooks(): HookState[];
  /** Reads rings until they are empty, decodes, and queues what was there. */
  drain(): void;
  /** Detaches everything and joins the reader. Batches already queued can still be taken. */
  stop(): void;
}

/** Those of the second line are for rows that no kernel program counts: imported ones, class host. */
export type StreamStage =
  | ('excludedStream' | 'coalesced' | 'pendingStream')
  | ('seen' | 'rateLimited' | 'lostRing' | 'lostQueue' | 'lostDecode');

/**
 * The typed door to the addon. addon/binding.cc implements exactly this; nothing else in src
 * loads it. Counts are plain numbers where they stay below 2^53, ids are bigints.
 */
import { createRequire } from 'node:module';
import { WeirError } from '../config/errors.ts';

/** Where a column lies in NativeBatch.buffer, in bytes. Text: u32 codes and their dictionary. */
export interface NativeColumn {
  readonly data: number;
  readonly dictionaryCount: number;
  readonly dictionaryOffsets: number;
  readonly dictionaryBytes: number;
}

/** One class, up to BATCH_ROWS rows, immutable. Memory belongs to the addon until collected or
 * released. `buffer` and `columns` are made when first read: don't spread or clone the object. */
export interface NativeBatch {
  readonly eventClass: number; // index into CLASS_NAMES
  readonly rows: number;
  readonly buffer: ArrayBuffer;
  /** By index of the class's columns; stream columns have dictionaryCount 0 and no data. */
  readonly columns: readonly NativeColumn[];
}

/** A text column made by an operator, handed over with the batch. Code 0 is NULL. */
export interface StreamColumn {
  readonly column: number;
  readonly codes: Uint32Array;
  readonly values: readonly string[]; // values[code]; values[0] is ignored
}

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

/** Keeps copies of single rows so that a debounce summary can be made of one later. */
export interface NativeRowKeeper {
  put(batch: NativeBatch, row: number): number; // slot
  free(slot: number): void;
  /** Rows of these slots as a batch (slots are freed), with count and first/last time replaced:
   * time_ns and boottime_ns become the last, first_time_ns the first. Times are wall ns. op_id
   * becomes that of the row that was delivered first, so that the two can be joined. */
  emit(
    slots: Uint32Array,
    counts: Uint32Array,
    firstTimes: BigInt64Array,
    lastTimes: BigInt64Array,
    opIds: BigInt64Array,
  ): NativeBatch;
  readonly size: number;
}

export interface StoreOptions {
  readonly path: string; // events.db; created when missing
  /** sqlite3_api comes from a connection that loaded the extension in this process. */
  readonly maxAgeSeconds?: number; // retention; 0: none
  readonly maxBytes?: number; // of all classes together; 0: no limit
  /** By class index; maxAgeSeconds in place of the one above. */
  readonly classLimits?: readonly { readonly maxAgeSeconds?: number; readonly maxBytes?: number }[];
  readonly flushMs?: number; // default 1000
  /** A damaged file is renamed, and a new one begun, when it is opened or when a write meets the
   * damage. Otherwise it is refused, or writes fail. Default false. */
  readonly setAside?: boolean;
}

export interface StoreStats {
  readonly rows: number[]; // by class, flushed and hot
  readonly bytes: number[];
  readonly queuedRows: number;
  readonly lastFlushMs: number; // milliseconds since the last durable commit
  readonly error: string; // last write error; '' when healthy
  readonly errorCount: number;
  readonly aside: string; // name that the last damaged file has now; '' when none was set aside
}

export interface NativeStore {
  /** Appends the rows whose selection byte is 1 (null: all). They get consecutive seqs, are visible
   * to every connection of this process on return, and durable within flushMs. */
  append(
    batch: NativeBatch,
    selection: Uint8Array | null,
    columns: readonly StreamColumn[],
  ): { readonly firstSeq: bigint; readonly lastSeq: bigint; readonly rows: number };
  /** Last seq given out. */
  highWater(): bigint;
  /** True while file_events shows only rows with a category. */
  setFilePathsConfigured(configured: boolean): void;
  /** weir_coverage: opens an interval (and closes the provider's open one for the class). */
  coverage(eventClass: number, provider: string, tier: string, on: boolean): void;
  /** By class: the seq up to which every query with a cursor has read. What retention takes above
   * it is counted as expired_unread. Until the first call nobody has a cursor. */
  setReadUpTo(seqs: BigInt64Array): void;
  flush(): Promise<void>;
  stats(): StoreStats;
  /** Flushes, commits counters, closes the writing connection. */
  close(): Promise<void>;
}

/** What a connection's queries of event tables did since it was opened; for one query, subtract
 * what it was before. Counts a walk of each inner side of a join anew. */
export interface ScanStats {
  readonly blocks: number; // met: blocks, and groups of rows in memory
  readonly skipped: number; // of them passed over by bounds or filters, none of their rows read
  readonly rows: number; // of the others, looked at
}

/** Control over a connection that loaded the extension, by the id it got. */
export interface NativeConnections {
  /** Id of the connection that this thread loaded the extension into last. */
  last(): number;
  /** Read-only: denies ATTACH, writes, state-changing pragmas, load_extension. */
  restrict(id: number): void;
  /** Interrupts what the connection runs after `ms`; 0 clears. Returns a token for `expired`. */
  deadline(id: number, ms: number): number;
  expired(token: number): boolean;
  interrupt(id: number): void;
  stats(id: number): ScanStats;
  /** Event tables show seq <= upto; new_T tables after < seq <= upto, old_T tables seq <= after. */
  setWindow(id: number, after: bigint, upto: bigint): void;
  clearWindow(id: number): void;
  /** Bytes that temporary files of all threads that count them may have together. */
  limitTemporaryFiles(bytes: number): void;
  /**
   * From now on the temporary files of this thread's connections count; of those that were opened
   * after the first call. False: no connection of the process has loaded the extension yet.
   */
  boundTemporaryFiles(): boolean;
  /** The limit, when this thread was refused more since it last asked. */
  temporaryFilesRefused(): number | null;
  /** Bytes that they have now. */
  temporaryFiles(): number;
}

/** One column of a table that TypeScript makes; src/tables/bridge/attach.ts fills it. */
export interface NativeTableColumn {
  readonly shown: number; // 0 integer, 1 real, 2 text
  readonly operators: number; // bit set of operators that are pushed down
  readonly required: boolean;
  readonly index: boolean;
  readonly real: number; // index of the column that it shows: its own, or an alias's
}

export interface NativeTable {
  readonly name: string;
  readonly names: readonly string[]; // name and aliases
  readonly declaration: string; // CREATE TABLE x(...)
  readonly columns: readonly NativeTableColumn[];
  readonly required: string; // for the error; '' when none is
  readonly rows: number; // estimate without constraints
}

/** Rows made by TypeScript, packed (src/tables/bridge/pack.ts). */
export interface PackedRows {
  readonly cursor: number; // to ask for more; 0: these were the last
  readonly rows: number;
  readonly tags: Uint8Array;
  readonly numbers: Float64Array;
  readonly text: string;
  readonly bytes: readonly Uint8Array[];
}

/** Called inside a query, on the thread that attached them; what they throw fails the statement. */
export interface NativeTableCalls {
  /**
   * @param used bit set of the columns that the query reads; bit 63: that one and all that follow
   * @param constraints column, operator, value (of =: a value, or an array for IN), and so on
   * @param limit rows that the query wants at most; -1: unknown
   */
  open(table: number, used: bigint, constraints: readonly unknown[], limit: number): PackedRows;
  next(cursor: number): PackedRows;
  close(cursor: number): void;
  /** The statement is over: what was kept for it may go. */
  end(): void;
}

/** Files of processes, one behind the other: process by process, name by name. */
export interface ProcFiles {
  readonly bytes: Buffer;
  readonly lengths: Int32Array; // of each; minus the errno of one that could not be read
}

declare const TASK_FACTS: unique symbol;
/** Only for procFiles. */
export type TaskFacts = typeof TASK_FACTS;

declare const MARKED_TREE: unique symbol;
/** A walk below a folder. */
export type MarkedTree = typeof MARKED_TREE;

/** Where the links in /proc/PID/fd lead. */
export interface OpenFiles {
  readonly bytes: Buffer; // the links' texts, one behind the other
  readonly lengths: Int32Array; // of each link
  readonly processes: Int32Array; // of each link: index into the pids asked for
  readonly fds: Int32Array;
  readonly errors: Int32Array; // of each process: errno; 0 when its folder was read
}

export interface NativeTables {
  /** Makes tables known to a connection of this thread, before `restrict`. */
  attach(connection: number, tables: readonly NativeTable[], calls: NativeTableCalls): void;
  /** Whether the statement that runs on the connection is to stop. */
  interrupted(connection: number): boolean;
  /** Opens a file below a root that it cannot be led out of, as openat2 does ('' is the host);
   * with the rights of a user when one is given. Throws with a code. */
  openIn(root: string, path: string | Buffer, flags: number, uid?: number, gid?: number): number;
  /** Files below /proc/PID of many processes, at most `limit` bytes of each, read by several
   * threads. "@exe" is where a link leads, "#ids" is "uid euid suid gid egid sgid".
   * `root` stands for /. */
  procFiles(
    root: string,
    pids: Uint32Array,
    names: readonly string[],
    limit: number,
    facts?: TaskFacts,
  ): ProcFiles;
  /** For all threads: from now on `taskFacts` may load the program of this folder, build/bpf; '':
   * no longer, and it is unloaded. */
  useTaskFacts(directory: string): void;
  /** What the kernel says of all processes now, in place of their files stat, io, cgroup and "#ids",
   * in milliseconds; undefined when it cannot be asked or nobody said useTaskFacts. */
  taskFacts(): TaskFacts | undefined;
  openFiles(root: string, pids: Uint32Array): OpenFiles;
  /** Answers of rtnetlink(7) to a dump request of a type (RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE),
   * one after another. Throws with a code. */
  routeDump(type: number): Buffer;
  /** Extended attributes: name, zero byte, length as 32-bit number of this machine, value; again
   * and again. Throws with a code. */
  xattrs(path: string | Buffer): Buffer;
  /** Begins to look, with several threads, below an open folder for regular files whose mode has
   * one of `bits`. `follow` 1: in place of links what they lead to. At most `depth` folders deep. */
  openMarkedTree(fd: number, bits: number, follow: 0 | 1, depth: number): MarkedTree;
  /** Records (addon/tables/marked_tree.h says how) after some milliseconds, none perhaps;
   * undefined: that was all. */
  readMarkedTree(tree: MarkedTree): Buffer | undefined;
  closeMarkedTree(tree: MarkedTree): void;
  /** eax, ebx, ecx, edx of the instruction; undefined on machines without it. */
  cpuid(leaf: number, subleaf: number): Int32Array | undefined;
}

/** A Unix datagram socket that only sends and never blocks. Both say '' or the name of an errno:
 * EAGAIN, EMSGSIZE, ENOENT, ECONNREFUSED, ... and connect anew when the receiver was away. */
export interface NativeDatagram {
  send(message: Uint8Array): string;
  /** In a sealed memory file, as journald takes large messages. */
  sendInFile(message: Uint8Array): string;
  close(): void;
}

/** One message of the kernel or of udev, or one audit record. */
export interface NetlinkMessage {
  readonly timeNs: bigint; // wall clock, when it was taken from the socket
  readonly boottimeNs: bigint;
  readonly type: number; // of an audit record; 0 for devices
  readonly bytes: Buffer; // audit: the record's text; devices: the message as it came
}

/** Listens to what the kernel multicasts; a thread of its own reads into a bounded queue. */
export interface NativeNetlinkListener {
  /**
   * @param wake called on this thread when messages wait and none did before
   * @returns '' or the name of an errno: EPERM, EPROTONOSUPPORT, ...
   */
  open(wake: () => void): string;
  /** What waits, at most so many. `lost`: the queue was full; `overruns`: times that the socket was. */
  take(most: number): {
    readonly messages: readonly NetlinkMessage[];
    readonly lost: number;
    readonly overruns: number;
  };
  /** What was there by then can still be taken. */
  close(): void;
}

/** Who is at the other end of a Unix socket, as the kernel knows it. */
export interface NativePeer {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number; // in this pid namespace; 0: outside of it
  readonly groups: readonly number[]; // supplementary ones; none of kernels before 4.13
}

/** A text that occurs in a column, in either case of its ASCII letters. */
export interface Literal {
  readonly eventClass: number;
  readonly column: number; // index of a text column of the class
  readonly text: string; // not empty
  /** The column's value begins, ends with it. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

export interface NativeLiteralFilter {
  /** Looks at the rows after < seq <= upto that are in memory: one byte per class (1: there are
   * rows), then one per literal (1: it may occur). null: not all of those rows are in memory. */
  scan(after: bigint, upto: bigint): Uint8Array | null;
}

/** How lines of a table become rows. */
export interface CaptureTablePlan {
  readonly name: string;
  readonly eventClass: number;
  readonly fields: readonly {
    readonly name: string;
    readonly form: 'ignored' | 'text' | 'integer' | 'octal';
    readonly column: number; // of the class; -1 when ignored
    readonly standard?: string; // text that stands for NULL
  }[];
}

/** Why a line is no event. `what` is 'table' or 'column' when `name` is unknown (`detail`: of
 * which table); else words, about `name` and its value `detail`, where those are not ''. */
export interface CaptureProblem {
  readonly what: string;
  readonly name: string;
  readonly detail: string;
  readonly file: number;
  readonly line: number; // from 1
}

export type CaptureStep =
  | { readonly needs: number } // more of this file
  | {
      readonly batch: NativeBatch;
      readonly columns: readonly StreamColumn[];
      readonly rows: number; // that count: a half-read last one does not
      readonly bytes: number;
    }
  | { readonly problem: CaptureProblem };

/** Reads exported lines of several files as one capture: lowest seq first (lowest time when some
 * have no seq), each file's lines in their order. */
export interface NativeCapture {
  /** Bytes of a file that `next` asked for; they are copied. */
  push(file: number, bytes: Uint8Array): { readonly problem: CaptureProblem } | null;
  end(file: number): void;
  /** null: all lines were read. After a problem nothing else may be called. */
  next(): CaptureStep | null;
}

export interface Native {
  /** Digest of the schema that the addon was built with, 16 hex digits: a stale build shows. */
  readonly schemaVersion: string;
  Sensor: new (options: SensorOptions) => NativeSensor;
  RowKeeper: new (eventClass: number) => NativeRowKeeper;
  /** Batch from plain rows: replay, providers in TypeScript, tests. Missing keys are NULL or 0;
   * a missing identity is 0: never the same as another. */
  buildBatch(
    eventClass: number,
    rows: readonly Readonly<Record<string, string | Uint8Array | number | bigint | null>>[],
  ): NativeBatch;
  readCapture(tables: readonly CaptureTablePlan[], files: number): NativeCapture;
  /** Gives a batch's memory back at once (the store keeps its own share); its buffer gets length 0.
   * Whoever took the batch from `next` calls it when done: under a flood, collection is too late. */
  release(batch: NativeBatch): void;
  /** Opens the writer. Needs one connection of this process to have loaded the extension. */
  openStore(options: StoreOptions): NativeStore;
  openDatagram(path: string): NativeDatagram;
  /** Signals the process that began at that clock tick since boot, by a pidfd: never another one
   * with its pid. '' or the name of an errno; ESRCH: it is gone. */
  signalProcess(pid: number, startTicks: number, signal: number): string;
  /** @param types of audit records that are wanted: first and last of each range; empty: all */
  NetlinkListener: new (
    group: 'kernel' | 'udev' | 'audit',
    types: readonly (readonly [number, number])[],
  ) => NativeNetlinkListener;
  /** Of a connected socket's descriptor. Throws when it is none. */
  peerOf(fd: number): NativePeer;
  /** Finds many literals in one pass over the dictionaries of new rows; for one thread. */
  openLiteralFilter(path: string, literals: readonly Literal[]): NativeLiteralFilter;
  connections: NativeConnections;
  tables: NativeTables;
  loss(): LossCounters;
  /** What the reader's bounded memories hold. */
  caches(): CacheState[];
  /** Counters that the stream owns: adds `rows` (may be negative for pendingStream). */
  /** Rows that the kernel left out since the start, by slot of the exclusion. */
  excluded(): Float64Array;
  count(stage: StreamStage, eventClass: number, rows: number): void;
  bootId(): string;
  /** Lets go of program pages that only starting needed; they come back by themselves. */
  dropProgramPages(): number;
  /** Gives back to the kernel what malloc keeps of freed memory, fragments among it. */
  trimHeap(): void;
}

/** Absolute path of the library: addon and SQLite extension in one. */
export const ADDON_PATH = new URL('../../build/Release/weir.node', import.meta.url).pathname;
/** Entry point for loadExtension(ADDON_PATH, ENTRY_POINT). */
export const ENTRY_POINT = 'sqlite3_weir_init';

export const native: Native = load();

/** @throws WeirError ADDON_NOT_LOADED */
function load(): Native {
  try {
    return createRequire(import.meta.url)(ADDON_PATH) as Native;
  } catch (error) {
    const { message } = error as Error;
    const remedy = /version `(GLIBC|GLIBCXX|CXXABI)_/.test(message)
      ? 'weir needs glibc 2.34 and the C++ library of GCC 11, or newer: Debian 12, Ubuntu 22.04, RHEL 9'
      : 'install the package again, or run `npm run build` in a checkout';
    throw new WeirError('ADDON_NOT_LOADED', `the addon cannot be loaded: ${message}; ${remedy}`);
  }
}

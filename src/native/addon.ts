/**
 * The typed door to the addon. addon/binding.cc implements exactly this; nothing else in src
 * loads it. Counts are plain numbers where they stay below 2^53, ids are bigints.
 */
import { createRequire } from 'node:module';
import { WeirError } from '../config/errors.ts';
import type { NativeBatch, NativeRowKeeper } from './batch.ts';
import type { CaptureTablePlan, NativeCapture } from './capture.ts';
import type { NativeFileDatabases } from './file-databases.ts';
import type { NativeDatagram, NativeNetlinkListener, NativePeer } from './net.ts';
import type { Literal, NativeLiteralFilter } from './rules.ts';
import type {
  CacheState,
  LossCounters,
  NativeSensor,
  SensorOptions,
  StreamStage,
} from './sensor.ts';
import type { NativeConnections, NativeStore, StoreOptions } from './store.ts';
import type { NativeTables } from './tables.ts';

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
  fileDatabases: NativeFileDatabases;
  loss(): LossCounters;
  /** What the reader's bounded memories hold. */
  caches(): CacheState[];
  /** Rows that the kernel left out since the start, by slot of the exclusion. */
  excluded(): Float64Array;
  /** Counters that the stream owns: adds `rows` (may be negative for pendingStream). */
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

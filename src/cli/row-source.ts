import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../config/errors.ts';
import type { QueryStats, ResultColumn, SqlValue } from '../sql/types.ts';
import { DaemonSource, daemonAnswers } from './daemon-source.ts';

export type Row = readonly SqlValue[];

export interface RowsEnd {
  readonly stats: QueryStats;
  readonly truncated: boolean;
  /** What tables could not read. */
  readonly warnings: readonly string[];
}

/** A result on its way. Iterating rejects with WeirError SQL_*. */
export interface RowStream {
  readonly columns: Promise<readonly ResultColumn[]>;
  readonly rows: AsyncIterable<readonly Row[]>;
  readonly end: Promise<RowsEnd>;
}

export interface AskOptions {
  readonly timeoutMs?: number; // 0: no limit
  readonly maxRows?: number; // 0: no limit
  readonly signal?: AbortSignal;
}

/** Where a command's queries go. */
export interface RowSource {
  /** For people: the daemon's socket or the store's file. */
  readonly where: string;
  ask(sql: string, options?: AskOptions): RowStream;
  close(): Promise<void>;
}

export const DEFAULT_STATE_DIR = '/var/lib/weir';

export function socketPath(stateDir: string): string {
  return join(stateDir, 'weir.sock');
}

/**
 * The running daemon of this state directory, or else its store, read-only.
 *
 * @param reader how the store is read: `thread` answers while a query runs, `direct` needs less memory
 * @throws WeirError NO_STORE, or NOT_PERMITTED (77)
 */
export async function openSource(
  stateDir: string,
  reader: 'thread' | 'direct' = 'thread',
): Promise<RowSource> {
  const socket = socketPath(stateDir);
  if (await daemonAnswers(socket)) return new DaemonSource(socket);
  const store = join(stateDir, 'events.db');
  if (!existsSync(store)) {
    throw new WeirError(
      'NO_STORE',
      `no daemon answers on ${socket} and there is no store in ${stateDir}; start one with "weir daemon --state-dir ${stateDir}"`,
    );
  }
  if (reader === 'direct') {
    const { DirectSource } = await import('./direct-source.ts');
    return new DirectSource(store);
  }
  const { StoreSource } = await import('./store-source.ts');
  return new StoreSource(store);
}

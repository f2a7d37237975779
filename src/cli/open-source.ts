import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../config/errors.ts';
import { DaemonSource, daemonAnswers } from './daemon-source.ts';
import type { Location } from './location.ts';
import type { RowSource } from './row-source.ts';

/** The daemon that listens there, or else its store, read-only; undefined when there is neither. */
async function daemonOrStore(
  { stateDir, socket }: Location,
  reader: 'thread' | 'direct',
): Promise<RowSource | undefined> {
  if (await daemonAnswers(socket)) return new DaemonSource(socket);
  const store = join(stateDir, 'events.db');
  if (!existsSync(store)) return undefined;
  if (reader === 'direct') {
    const { DirectSource } = await import('./direct-source.ts');
    return new DirectSource(store);
  }
  const { StoreSource } = await import('./store-source.ts');
  return new StoreSource(store);
}

function whyNeither({ stateDir, socket }: Location): string {
  return `no daemon answers on ${socket} and there is no store in ${stateDir}`;
}

/**
 * The running daemon, or else its store, read in this process while the thread waits: for commands
 * that need little memory and nothing beside the query.
 *
 * @throws WeirError NO_STORE, or NOT_PERMITTED (77)
 */
export async function openEvents(location: Location): Promise<RowSource> {
  const source = await daemonOrStore(location, 'direct');
  if (source !== undefined) return source;
  const hint = `start one with "weir daemon --state-dir ${location.stateDir}"`;
  throw new WeirError('NO_STORE', `${whyNeither(location)}; ${hint}`);
}

/**
 * The running daemon, or else its store, or else the host alone: state tables and functions work
 * everywhere, as in osqueryi.
 *
 * @throws WeirError NOT_PERMITTED (77)
 */
export async function openSource(location: Location): Promise<RowSource> {
  const source = await daemonOrStore(location, 'thread');
  if (source !== undefined) return source;
  const { EmptySource } = await import('./store-source.ts');
  return new EmptySource(`${whyNeither(location)} ("weir daemon" starts one)`);
}

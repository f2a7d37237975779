import { existsSync } from 'node:fs';
import { WeirError } from '../config/errors.ts';
import { loadConfig } from '../config/load.ts';
import { configuredDatabase } from '../results/configured.ts';
import type { DetectionGroup, DetectionStatus, MatchingRow } from '../results/detection-group.ts';
import { unknownDetection } from '../results/detection-groups.ts';
import { hostIdentifier } from '../results/host.ts';
import { openResultStore } from '../results/open.ts';
import type { ResultStore } from '../results/store.ts';
import type { NewSuppression, Suppression } from '../results/suppression.ts';
import { type Invocation, text } from './command.ts';
import { callDaemon, daemonAnswers } from './daemon-source.ts';
import type { Location } from './location.ts';

export interface ShownDetection {
  readonly detection: DetectionGroup;
  /** Oldest first. */
  readonly rows: readonly MatchingRow[];
}

/** Detections of this host; rejects with WeirError DETECTION_*, RESULTS_UNAVAILABLE. */
export interface DetectionSource {
  list(limit: number, status?: DetectionStatus): Promise<readonly DetectionGroup[]>;
  show(id: number, limit: number): Promise<ShownDetection>;
  setStatus(ids: readonly number[], status: DetectionStatus): Promise<void>;
  /** For so many seconds from now. */
  suppress(wanted: NewSuppression, seconds: number): Promise<Suppression>;
  /** Newest first, also those that ended. */
  suppressions(): Promise<readonly Suppression[]>;
  unsuppress(ids: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** Asks the daemon, which has the results database open. */
class DaemonDetections implements DetectionSource {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async list(limit: number, status?: DetectionStatus): Promise<readonly DetectionGroup[]> {
    const query = new URLSearchParams({ limit: `${limit}`, ...(status ? { status } : {}) });
    const answer = await this.#call('GET', `/detections?${query}`);
    return (answer as { readonly detections: DetectionGroup[] }).detections;
  }

  async show(id: number, limit: number): Promise<ShownDetection> {
    const answer = await this.#call('GET', `/detections/show?id=${id}&limit=${limit}`);
    const { detection, rows } = answer as { detection: DetectionGroup | null; rows: MatchingRow[] };
    if (detection === null) throw unknownDetection(id);
    return { detection, rows };
  }

  async setStatus(ids: readonly number[], status: DetectionStatus): Promise<void> {
    await this.#call('POST', '/detections/status', JSON.stringify({ ids, status }));
  }

  async suppress(wanted: NewSuppression, seconds: number): Promise<Suppression> {
    const body = JSON.stringify({ ...wanted, seconds });
    const answer = await this.#call('POST', '/detections/suppress', body);
    return (answer as { readonly suppression: Suppression }).suppression;
  }

  async suppressions(): Promise<readonly Suppression[]> {
    const answer = await this.#call('GET', '/detections/suppressions');
    return (answer as { readonly suppressions: Suppression[] }).suppressions;
  }

  async unsuppress(ids: readonly number[]): Promise<void> {
    await this.#call('POST', '/detections/unsuppress', JSON.stringify({ ids }));
  }

  async close(): Promise<void> {}

  async #call(method: string, path: string, body = ''): Promise<unknown> {
    const answer = await callDaemon(this.#socket, { method, path, body });
    let received = '';
    for await (const part of answer.setEncoding('utf8')) received += part;
    return JSON.parse(received);
  }
}

/** Uses the results database itself while no daemon runs. */
class StoredDetections implements DetectionSource {
  readonly #store: ResultStore;

  constructor(store: ResultStore) {
    this.#store = store;
  }

  list(limit: number, status?: DetectionStatus): Promise<readonly DetectionGroup[]> {
    return this.#store.groups(limit, status);
  }

  async show(id: number, limit: number): Promise<ShownDetection> {
    const detection = await this.#store.group(id);
    if (detection === null) throw unknownDetection(id);
    return { detection, rows: await this.#store.groupRows(id, limit) };
  }

  setStatus(ids: readonly number[], status: DetectionStatus): Promise<void> {
    return this.#store.setStatus(ids, status, Math.floor(Date.now() / 1000));
  }

  suppress(wanted: NewSuppression, seconds: number): Promise<Suppression> {
    const now = Math.floor(Date.now() / 1000);
    return this.#store.suppress(wanted, now, now + seconds);
  }

  suppressions(): Promise<readonly Suppression[]> {
    return this.#store.suppressions();
  }

  unsuppress(ids: readonly number[]): Promise<void> {
    return this.#store.unsuppress(ids);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/**
 * The daemon that listens there, or else the results database as configured.
 *
 * Rejects with NO_STORE, RESULTS_UNAVAILABLE, NOT_PERMITTED (77), CONFIG_* (78).
 */
export async function openDetections(
  invocation: Invocation,
  { stateDir, socket }: Location,
): Promise<DetectionSource> {
  if (await daemonAnswers(socket)) return new DaemonDetections(socket);
  const { config } = loadConfig({ file: text(invocation, 'config'), flags: { stateDir } });
  const database = configuredDatabase(config);
  if (database.client === 'sqlite' && !existsSync(database.path)) {
    const missing = `no daemon answers on ${socket} and there is no ${database.path}`;
    throw new WeirError('NO_STORE', `${missing}; "weir daemon" makes it`);
  }
  return new StoredDetections(
    await openResultStore(database, hostIdentifier(config.host_identifier)),
  );
}

/** @throws WeirError USAGE (64) for what is no number of a detection */
export function detectionId(word: string): number {
  if (/^[1-9]\d{0,14}$/.test(word)) return Number(word);
  const message = `${word} is no detection: a number as "weir detections" shows it`;
  throw new WeirError('USAGE', message, { exitCode: 64 });
}

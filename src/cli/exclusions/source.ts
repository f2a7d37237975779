import { existsSync } from 'node:fs';
import { WeirError } from '../../config/errors.ts';
import { conditionsOf, exclusionId, isExpired, scopeOf } from '../../config/exclusion.ts';
import {
  checkExclusion,
  readExclusions,
  withExclusion,
  withoutExclusion,
  writeExclusions,
} from '../../config/exclusion-file.ts';
import { loadConfig } from '../../config/load.ts';
import type { ExclusionRule } from '../../config/schema.ts';
import { type Invocation, text } from '../command.ts';
import { askDaemon, daemonAnswers, tellDaemon } from '../daemon-source.ts';
import type { Location } from '../location.ts';

/** As the daemon lists them; what only it knows is missing without one. */
export interface Listed {
  readonly id: string;
  readonly scope: string;
  readonly decided_by?: string;
  readonly status: string;
  readonly origin: string;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
  readonly created: number | null;
  readonly expires: number | null;
  readonly suppressed?: number;
}

/** The exclusions of a daemon that runs, or of the files that the next one will read. */
export interface ExclusionSource {
  readonly live: boolean;
  list(): Promise<readonly Listed[]>;
  add(rule: unknown): Promise<Listed>;
  remove(ids: readonly string[]): Promise<void>;
}

class Live implements ExclusionSource {
  readonly live = true;
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async list(): Promise<readonly Listed[]> {
    const answer = await askDaemon<{ exclusions: Listed[] }>(this.#socket, '/exclusions');
    return answer?.exclusions ?? [];
  }

  async add(rule: unknown): Promise<Listed> {
    const body = JSON.stringify(rule);
    const path = '/exclusions/add';
    return (await tellDaemon<{ exclusion: Listed }>(this.#socket, path, body)).exclusion;
  }

  async remove(ids: readonly string[]): Promise<void> {
    await tellDaemon(this.#socket, '/exclusions/remove', JSON.stringify({ ids }));
  }
}

class Stored implements ExclusionSource {
  readonly live = false;
  readonly #stateDir: string;
  readonly #configured: readonly ExclusionRule[];

  constructor(stateDir: string, configured: readonly ExclusionRule[]) {
    this.#stateDir = stateDir;
    this.#configured = configured;
  }

  async list(): Promise<readonly Listed[]> {
    return [
      ...this.#configured.map((rule) => listed(rule, 'configuration')),
      ...readExclusions(this.#stateDir).map((rule) => listed(rule, 'command')),
    ];
  }

  async add(rule: unknown): Promise<Listed> {
    const added = { created: Math.floor(Date.now() / 1000), ...checkExclusion(rule) };
    const before = readExclusions(this.#stateDir);
    withExclusion([...this.#configured, ...before], added);
    writeExclusions(this.#stateDir, [...before, added]);
    return listed(added, 'command');
  }

  async remove(ids: readonly string[]): Promise<void> {
    let left = readExclusions(this.#stateDir);
    for (const id of ids) left = withoutExclusion(left, this.#configured, id);
    writeExclusions(this.#stateDir, left);
  }
}

function listed(rule: ExclusionRule, origin: string): Listed {
  return {
    id: exclusionId(rule),
    scope: scopeOf(rule),
    status: isExpired(rule, Date.now() / 1000) ? 'expired' : 'active',
    origin,
    conditions: conditionsOf(rule),
    reason: rule.reason ?? null,
    created: rule.created ?? null,
    expires: rule.expires ?? null,
  };
}

/** Rejects with WeirError NO_STORE, NOT_PERMITTED (77), CONFIG_* (78). */
export async function openExclusions(
  invocation: Invocation,
  { stateDir, socket }: Location,
): Promise<ExclusionSource> {
  if (await daemonAnswers(socket)) return new Live(socket);
  if (!existsSync(stateDir)) {
    const message = `no daemon answers on ${socket} and there is no ${stateDir}; "weir daemon" makes it`;
    throw new WeirError('NO_STORE', message);
  }
  const { config } = loadConfig({ file: text(invocation, 'config'), flags: { stateDir } });
  return new Stored(stateDir, config.exclude);
}

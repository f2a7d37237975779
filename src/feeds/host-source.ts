import { uptime } from 'node:os';
import type { Logger } from '../config/log.ts';
import { native } from '../native/addon.ts';
import type { NativeBatch } from '../native/batch.ts';
import type { ClassCoverage } from '../sensor/provider.ts';
import { BATCH_ROWS, CLASS_NAMES } from '../sensor/schema.ts';
import type { HostTopic } from '../tables/events/host-events.ts';
import type { Feed, FeedSink, HostRow } from './feed.ts';

const HOST = CLASS_NAMES.indexOf('host');
/** What may wait for the stream; rows come by the thousand only in a flood of log lines. */
const WAITING = 16_384;
const NOBODY = 0xffffffff;
const WARN_MS = 60_000;

export interface HostSourceOptions {
  readonly feeds: readonly Feed[];
  /** Rows a second of one topic; 0: no limit. */
  readonly rate: number;
  readonly log: Logger;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

interface Allowance {
  tokens: number;
  at: number;
}

/** What the feeds tell, as batches of class `host` beside those of the provider. */
export class HostSource implements FeedSink {
  readonly #options: HostSourceOptions;
  readonly #now: () => number;
  readonly #rows: Record<string, string | Uint8Array | number | bigint | null>[] = [];
  readonly #allowances = new Map<HostTopic, Allowance>();
  readonly #warned = new Map<string, number>();
  readonly #refused: string[] = [];
  #running: Feed[] = [];
  #wake: () => void = () => {};

  constructor(options: HostSourceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** @param wake called when rows wait and none did before */
  start(wake: () => void): void {
    this.#wake = wake;
    for (const feed of this.#options.feeds) {
      const why = feed.start(this);
      if (why === '') this.#running.push(feed);
      else this.#refused.push(`${feed.name}: ${why}`);
    }
  }

  next(): NativeBatch | null {
    if (this.#rows.length === 0) return null;
    return native.buildBatch(HOST, this.#rows.splice(0, BATCH_ROWS));
  }

  drain(): void {
    for (const feed of this.#running) feed.drain();
  }

  stop(): void {
    for (const feed of this.#running.splice(0)) feed.stop();
  }

  /** As a provider says it; the tier names the feeds that run. */
  coverage(): ClassCoverage {
    const names = this.#running.map(({ name }) => name);
    return {
      className: 'host',
      provider: 'host',
      tier: names.join(', '),
      covered: names.length > 0,
      missing: this.#refused,
    };
  }

  emit(row: HostRow): void {
    native.count('seen', HOST, 1);
    if (!this.#allowed(row.topic)) {
      native.count('rateLimited', HOST, 1);
      this.warn(row.topic, 'more rows a second than host_events.rate_limit lets in');
      return;
    }
    if (this.#rows.length >= WAITING) {
      native.count('lostQueue', HOST, 1);
      return;
    }
    this.#rows.push(this.#complete(row));
    if (this.#rows.length === 1) this.#wake();
  }

  count(
    stage: 'lostRing' | 'lostQueue' | 'lostDecode' | 'excludedStream',
    _topic: HostTopic,
    rows: number,
  ): void {
    if (rows === 0) return;
    native.count('seen', HOST, rows);
    native.count(stage, HOST, rows);
  }

  warn(feed: string, message: string): void {
    const key = `${feed}: ${message}`;
    const now = this.#now();
    const last = this.#warned.get(key);
    if (last !== undefined && now - last < WARN_MS) return;
    this.#warned.set(key, now);
    this.#options.log.warn({ feed }, message);
  }

  /** A bucket that holds five seconds' worth. */
  #allowed(topic: HostTopic): boolean {
    const { rate } = this.#options;
    if (rate === 0) return true;
    const now = this.#now();
    const most = rate * 5;
    const known = this.#allowances.get(topic) ?? { tokens: most, at: now };
    known.tokens = Math.min(most, known.tokens + ((now - known.at) * rate) / 1000);
    known.at = now;
    this.#allowances.set(topic, known);
    if (known.tokens < 1) return false;
    known.tokens--;
    return true;
  }

  #complete(row: HostRow): Record<string, string | Uint8Array | number | bigint | null> {
    const now = BigInt(Date.now()) * 1_000_000n;
    const time = row.time_ns ?? now;
    // Of what happened before this boot there is no time since boot.
    const since = BigInt(Math.round(uptime() * 1000)) * 1_000_000n - (now - time);
    const full: Record<string, string | Uint8Array | number | bigint | null> = {
      time_ns: time,
      first_time_ns: time,
      boottime_ns: since > 0n ? since : 0n,
      boot_id: native.bootId(),
      count: 1,
      truncated: '',
      ...actor(row),
    };
    for (const [name, value] of Object.entries(row)) {
      if (value !== undefined && value !== '') full[name] = value;
    }
    return full;
  }
}

const IDS = ['uid', 'gid', 'euid', 'egid', 'suid', 'sgid', 'fsuid', 'fsgid', 'auid'] as const;

/** Ids are not NULL in any class: who is not known is nobody. */
function actor(row: HostRow): Record<string, number> {
  const pid = (row.pid as number | undefined) ?? 0;
  return { pid, tid: pid, ...Object.fromEntries(IDS.map((name) => [name, NOBODY])) };
}

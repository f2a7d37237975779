import type { HostTopic } from '../tables/events/host-events.ts';

type Value = string | Uint8Array | number | bigint | null;

/** A row of class `host`, by column; what is missing is NULL, or nobody. */
export interface HostRow {
  readonly topic: HostTopic;
  /** Where it was read: udev, kernel, audit, wtmp, btmp, journal, syslog, yara. */
  readonly source: string;
  /** Wall clock, nanoseconds; default: now. */
  readonly time_ns?: bigint;
  readonly [column: string]: Value | undefined;
}

/** What feeds give their rows to. */
export interface FeedSink {
  emit(row: HostRow): void;
  /** Messages that were there and made no row: `lostRing` on the way to us, `lostQueue` here,
   * `lostDecode` that made no sense, `excludedStream` that were not wanted. */
  count(
    stage: 'lostRing' | 'lostQueue' | 'lostDecode' | 'excludedStream',
    topic: HostTopic,
    rows: number,
  ): void;
  /** Said once in a while, however often it happens. */
  warn(feed: string, message: string): void;
}

/** One source of rows of class `host`. */
export interface Feed {
  /** Stable: weir_coverage and health name it. */
  readonly name: string;
  /** Whether it runs: '' or why not. */
  start(sink: FeedSink): string;
  /** Gives what has come up to now, as far as it can know. */
  drain(): void;
  stop(): void;
}

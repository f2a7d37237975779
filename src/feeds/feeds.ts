import type { Config } from '../config/schema.ts';
import { AuditFeed } from './audit-feed.ts';
import { DeviceFeed } from './device-feed.ts';
import type { Feed } from './feed.ts';
import { JournalFeed } from './journal-feed.ts';
import { LoginFeed } from './login-feed.ts';
import { SyslogFeed } from './syslog-feed.ts';
import { YaraFeed } from './yara-feed.ts';

export interface Feeds {
  readonly all: readonly Feed[];
  /** Wants the file events; null when no category is scanned. */
  readonly yara: YaraFeed | null;
}

type FeedConfig = Pick<Config, 'collect' | 'host_events' | 'yara' | 'logger' | 'provider'>;

/** The feeds that the configuration asks for. */
export function configuredFeeds(config: FeedConfig): Feeds {
  const { collect, host_events: from, yara, logger, provider } = config;
  if (!collect.host || provider === 'off') return { all: [], yara: null };
  const scans = Object.values(yara.file_paths).some((groups) => groups.length > 0);
  const yaraFeed = scans ? new YaraFeed(yara) : null;
  const all: Feed[] = [];
  if (from.hardware) all.push(new DeviceFeed());
  if (from.audit) all.push(new AuditFeed());
  if (from.logins) all.push(new LoginFeed());
  // What weir writes under these names would come back, and be written again.
  if (from.journal) {
    all.push(new JournalFeed({ ownIdentifier: logger.journald?.identifier ?? 'weir' }));
  }
  if (from.syslog_pipe !== undefined) {
    all.push(new SyslogFeed(from.syslog_pipe, logger.syslog?.tag ?? 'weir'));
  }
  if (yaraFeed !== null) all.push(yaraFeed);
  return { all, yara: yaraFeed };
}

import type { Config } from '../../config/schema.ts';
import { HOST_TOPICS, type HostTopic } from '../../tables/events/host-events.ts';
import type { EventTableSpec } from '../../tables/spec.ts';
import { type Finding, finding } from './finding.ts';

type Key = keyof Config['host_events'];

/** What fills a table: names of feeds, each with the setting that switches it. */
const FEEDS: Readonly<Record<HostTopic, readonly (readonly [feed: string, key: Key | 'yara'])[]>> =
  {
    hardware: [['hardware', 'hardware']],
    user: [
      ['audit', 'audit'],
      ['logins', 'logins'],
    ],
    selinux: [['audit', 'audit']],
    apparmor: [['audit', 'audit']],
    seccomp: [['audit', 'audit']],
    syslog: [
      ['journal', 'journal'],
      ['syslog', 'syslog_pipe'],
    ],
    yara: [['yara', 'yara']],
  };

/**
 * Whether what fills a view of host_events runs.
 *
 * @param running names of feeds, as the tier of class host lists them
 */
export function feedsOf({ name }: EventTableSpec, config: Config, running: string): Finding[] {
  const topic = (HOST_TOPICS as Readonly<Record<string, HostTopic | undefined>>)[name];
  if (topic === undefined) return [];
  const runs = running.split(', ');
  const feeds = FEEDS[topic];
  const found = feeds.filter(([feed]) => runs.includes(feed));
  const names = found.map(([feed]) => feed).join(', ');
  const audited = found.some(([feed]) => feed === 'audit');
  const off = 'the kernel tells little while audit is off: auditctl -s says whether it is';
  if (found.length > 0) {
    const fed = finding(name, 'ok', `it is filled by ${names}`);
    return audited ? [fed, finding(name, 'info', off)] : [fed];
  }
  if (topic === 'yara' && Object.keys(config.yara.file_paths).length === 0) {
    const text = 'no category is scanned: "yara.file_paths" names none';
    return [finding(name, 'problem', text, 'docs/configuration.md, yara; then restart the daemon')];
  }
  const keys = feeds.map(([, key]) => `"host_events.${key}"`).join(' or ');
  return [
    finding(
      name,
      'problem',
      `nothing fills it: ${keys} is not set`,
      `set ${keys}, then weir reload`,
    ),
  ];
}

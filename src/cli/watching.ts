import type { Daemon } from '../daemon/daemon.ts';

/** What a daemon that is ready does, for people. */
export function watching({ collection }: Pick<Daemon, 'collection'>): string {
  if (collection.provider.name === 'off') return 'no events are collected';
  if (collection.provider.name !== 'netlink') return 'events are seen';
  const reason = collection.providerReason;
  return `events are seen without eBPF${reason === '' ? '' : ` (${reason})`}`;
}

import type { StateTable } from '../../bridge/table.ts';
import { arpCache } from './arp-cache.ts';
import { dnsResolvers } from './dns-resolvers.ts';
import { etcHosts } from './etc-hosts.ts';
import { etcProtocols } from './etc-protocols.ts';
import { etcServices } from './etc-services.ts';
import { interfaceIpv6 } from './interface-ipv6.ts';

export const NETWORK_TABLES: readonly StateTable[] = [
  arpCache,
  dnsResolvers,
  etcHosts,
  etcProtocols,
  etcServices,
  interfaceIpv6,
];

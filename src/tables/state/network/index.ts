import type { StateTable } from '../../bridge/table.ts';
import { arpCache } from './arp-cache.ts';
import { dnsResolvers } from './dns-resolvers.ts';
import { etcHosts } from './etc-hosts.ts';
import { etcProtocols } from './etc-protocols.ts';
import { etcServices } from './etc-services.ts';
import { interfaceAddresses } from './interface-addresses.ts';
import { interfaceDetails } from './interface-details.ts';
import { interfaceIpv6 } from './interface-ipv6.ts';
import { iptables } from './iptables.ts';
import { routes } from './routes.ts';

export const NETWORK_TABLES: readonly StateTable[] = [
  arpCache,
  dnsResolvers,
  etcHosts,
  etcProtocols,
  etcServices,
  interfaceAddresses,
  interfaceDetails,
  interfaceIpv6,
  iptables,
  routes,
];

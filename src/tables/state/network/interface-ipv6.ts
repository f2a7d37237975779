import { defineTable, integer, text } from '../../bridge/table.ts';
import { whole } from '../../host/parse.ts';

const CONF = '/proc/sys/net/ipv6/conf';

/** Settings for interfaces that do not exist (yet), not interfaces. */
const TEMPLATES = new Set(['all', 'default']);

export const interfaceIpv6 = defineTable({
  name: 'interface_ipv6',
  description: 'IPv6 settings of interfaces, from /proc/sys/net/ipv6/conf',
  rows: 5,
  columns: {
    interface: text('Network interface'),
    hop_limit: integer('Hop limit of packets that it sends'),
    forwarding_enabled: integer('1 when it forwards packets'),
    redirect_accept: integer('1 when it follows redirects, by its own setting and that for all'),
    rtadv_accept: integer('1 when it follows router advertisements'),
  },
  examples: ['SELECT interface FROM interface_ipv6 WHERE rtadv_accept > 0'],
  *generate({ host }) {
    const setting = (name: string, of: string): number =>
      whole(host.value(`${CONF}/${name}/${of}`)) ?? -1;
    const allRedirects = setting('all', 'accept_redirects');
    for (const name of host.names(CONF)) {
      if (TEMPLATES.has(name)) continue;
      const forwarding = setting(name, 'forwarding');
      const redirects = setting(name, 'accept_redirects');
      const advertised = setting(name, 'accept_ra');
      // As the kernel combines them: networking/ip-sysctl.rst.
      const follows = forwarding
        ? allRedirects !== 0 && redirects !== 0
        : allRedirects !== 0 || redirects !== 0;
      yield {
        interface: name,
        hop_limit: setting(name, 'hop_limit'),
        forwarding_enabled: forwarding,
        redirect_accept: follows,
        rtadv_accept: advertised === 2 || (advertised === 1 && forwarding === 0),
      };
    }
  },
});

import { defineTable, text } from '../../bridge/table.ts';
import { words } from '../../host/parse.ts';

/** Flags of a neighbour, linux/if_arp.h. */
const ATF_PERM = 0x4;

export const arpCache = defineTable({
  name: 'arp_cache',
  description: 'Known IPv4 neighbours, from /proc/net/arp',
  rows: 20,
  columns: {
    address: text('IPv4 address'),
    mac: text('Hardware address', { collate: 'nocase' }),
    interface: text('Network interface'),
    permanent: text('1 when it never expires, else 0'),
  },
  examples: ['SELECT address, mac FROM arp_cache WHERE permanent = 1'],
  *generate({ host }) {
    for (const line of host.lines('/proc/net/arp').slice(1)) {
      const [address, , flags, mac, , device] = words(line);
      if (device === undefined) continue;
      const permanent = (Number(flags) & ATF_PERM) !== 0;
      yield { address, mac, interface: device, permanent: permanent ? '1' : '0' };
    }
  },
});

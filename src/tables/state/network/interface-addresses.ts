import { defineTable, elsewhere, text } from '../../bridge/table.ts';
import { addressText, maskText } from './addresses.ts';
import { linkNames } from './interfaces.ts';
import { AF_INET, AF_INET6, askRoutes, RTM } from './rtnetlink.ts';

/** struct ifaddrmsg: family, prefix length, flags, scope, index (4 bytes at 4). */
const ADDRESS_BODY = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;

export const interfaceAddresses = defineTable({
  name: 'interface_addresses',
  description: 'Addresses of the network interfaces of the host, from the kernel (rtnetlink)',
  rows: 10,
  columns: {
    interface: text('Network interface'),
    address: text('IP address'),
    mask: text('Mask of its net'),
    broadcast: text('Broadcast address'),
    point_to_point: text('Address of the other end'),
    type: text('Always unknown on Linux'),
    friendly_name: elsewhere('TEXT'),
  },
  examples: ["SELECT interface, address FROM interface_addresses WHERE interface <> 'lo'"],
  *generate(context) {
    const names = linkNames(context);
    for (const { body, attributes } of askRoutes(context, RTM.GETADDR, ADDRESS_BODY)) {
      const family = body[0];
      if (family !== AF_INET && family !== AF_INET6) continue;
      // Where both are given and differ, IFA_ADDRESS is the other end's.
      const far = attributes.get(IFA_ADDRESS);
      const own = attributes.get(IFA_LOCAL) ?? far;
      if (own === undefined) continue;
      const name = names.get(body.readInt32LE(4)) ?? '';
      yield {
        interface: name,
        address: addressText(own),
        mask: maskText(body[1] ?? 0, own.length),
        broadcast: addressText(attributes.get(IFA_BROADCAST)),
        point_to_point: far === undefined || far.equals(own) ? '' : addressText(far),
        type: 'unknown',
      };
    }
  },
});

import { bigint, defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { whole } from '../../host/parse.ts';
import { macText } from './addresses.ts';
import { links } from './interfaces.ts';

const IFLA_ADDRESS = 1;
const IFLA_MTU = 4;
const IFLA_STATS64 = 23;

/** struct rtnl_link_stats64: its first numbers, of 8 bytes each. */
const STATS = [
  'ipackets',
  'opackets',
  'ibytes',
  'obytes',
  'ierrors',
  'oerrors',
  'idrops',
  'odrops',
  'multicast',
  'collisions',
] as const;

type Stats = Partial<Record<(typeof STATS)[number], bigint>>;

function statsOf(bytes: Buffer | undefined): Stats {
  const stats: Stats = {};
  for (const [i, name] of STATS.entries()) {
    if (bytes !== undefined && bytes.length >= i * 8 + 8)
      stats[name] = bytes.readBigUInt64LE(i * 8);
  }
  return stats;
}

export const interfaceDetails = defineTable({
  name: 'interface_details',
  description: 'Network interfaces of the host and what they carried, from the kernel (rtnetlink)',
  rows: 5,
  columns: {
    interface: text('Network interface'),
    mac: text('Hardware address', { collate: 'nocase' }),
    type: integer('Kind of hardware: 1 Ethernet, 772 loopback (linux/if_arp.h)'),
    mtu: integer('Bytes of a packet at most'),
    metric: integer('Always 0 on Linux'),
    flags: integer('Flags, as in linux/if.h'),
    ipackets: bigint('Packets received'),
    opackets: bigint('Packets sent'),
    ibytes: bigint('Bytes received'),
    obytes: bigint('Bytes sent'),
    ierrors: bigint('Errors at receiving'),
    oerrors: bigint('Errors at sending'),
    idrops: bigint('Received packets that were dropped'),
    odrops: bigint('Packets to send that were dropped'),
    collisions: bigint('Collisions'),
    last_change: bigint('Always -1 on Linux'),
    link_speed: bigint('Megabits in a second; NULL where the device has none'),
    pci_slot: text('Slot of its device'),
    friendly_name: elsewhere('TEXT'),
    description: elsewhere('TEXT'),
    manufacturer: elsewhere('TEXT'),
    connection_id: elsewhere('TEXT'),
    connection_status: elsewhere('TEXT'),
    enabled: elsewhere('INTEGER'),
    physical_adapter: elsewhere('INTEGER'),
    speed: elsewhere('INTEGER'),
    service: elsewhere('TEXT'),
    dhcp_enabled: elsewhere('INTEGER'),
    dhcp_lease_expires: elsewhere('TEXT'),
    dhcp_lease_obtained: elsewhere('TEXT'),
    dhcp_server: elsewhere('TEXT'),
    dns_domain: elsewhere('TEXT'),
    dns_domain_suffix_search_order: elsewhere('TEXT'),
    dns_host_name: elsewhere('TEXT'),
    dns_server_search_order: elsewhere('TEXT'),
  },
  examples: ['SELECT interface, mac, ibytes, obytes FROM interface_details WHERE flags & 0x100'],
  *generate(context) {
    const { host } = context;
    for (const { name, type, flags, attributes } of links(context)) {
      const device = `/sys/class/net/${name}/device`;
      const speed = whole(host.value(`/sys/class/net/${name}/speed`));
      yield {
        interface: name,
        mac: macText(attributes.get(IFLA_ADDRESS)),
        type,
        mtu: attributes.get(IFLA_MTU)?.readUInt32LE(),
        metric: 0,
        flags,
        ...statsOf(attributes.get(IFLA_STATS64)),
        last_change: -1,
        link_speed: speed !== undefined && speed > 0 ? speed : undefined,
        pci_slot: context.uses('pci_slot')
          ? (/^PCI_SLOT_NAME=(.*)$/m.exec(
              host.text(`${device}/uevent`, { quiet: true }) ?? '',
            )?.[1] ?? '')
          : undefined,
      };
    }
  },
});

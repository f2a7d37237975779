import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

interface Address {
  readonly local: string;
  readonly prefixlen: number;
  readonly broadcast?: string;
  readonly address?: string;
}

interface Link {
  readonly ifname: string;
  readonly address?: string;
  readonly mtu: number;
  readonly addr_info: readonly Address[];
}

interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly metric?: number;
}

function run(command: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Links and routes of its own: a network namespace, where the queries are made too. */
const SCRIPT = `
ip link set lo up
ip link add d0 mtu 1400 type veth peer name d1
ip link set d0 address 02:00:00:00:00:0a up
ip link set d1 up
ip addr add 10.9.8.7/20 broadcast 10.9.15.255 dev d0
ip addr add 10.1.1.1 peer 10.1.1.2/32 dev d1
ip addr add 2001:db8::1:0:0:9/64 dev d0
ip route add 192.0.2.0/24 via 10.9.8.1 metric 7 mtu 1300
ip route add 198.51.100.0/24 nexthop via 10.9.8.2 nexthop via 10.1.1.2 dev d1
ip route add blackhole 203.0.113.0/24
ip route add 2001:db8:1::/48 via 2001:db8::2
ip route add 10.77.0.0/16 dev d1 table 123
iptables -P FORWARD DROP
iptables -N MINE
iptables -A INPUT -s 10.0.0.0/8 -i d+ -p tcp -m tcp --dport 22 -j ACCEPT
iptables -A INPUT -d 192.0.2.1 -i d0 -p udp -m multiport --dports 53,5353 -j MINE
iptables -t nat -A POSTROUTING ! -s 10.9.8.7 -m comment --comment 'a "-j" \\ c' -j MASQUERADE
`;

describe('tables: network, from the kernel', () => {
  let rows: Record<string, Record<string, unknown>[]>;
  let theirLinks: Link[];
  let theirRoutes: Route[];

  before(function () {
    this.timeout(20_000);
    const query = new URL('./query.ts', import.meta.url).pathname;
    const script = `set -e\n${SCRIPT}\necho "$(ip -j addr)"; echo "$(ip -j route show table all; )"
      echo "$(ip -j -6 route show table all)"; exec "$NODE" "${query}"`;
    const { stdout, stderr, status } = spawnSync('unshare', ['--net', 'sh', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE: process.execPath },
    });
    assert.equal(status, 0, stderr);
    const [addresses = '', routes4 = '', routes6 = '', mine = ''] = stdout.split('\n');
    theirLinks = JSON.parse(addresses) as Link[];
    theirRoutes = [...JSON.parse(routes4), ...JSON.parse(routes6)] as Route[];
    rows = JSON.parse(mine) as typeof rows;
  });

  it('interface_details as ip link', () => {
    const shown = rows.interface_details?.map((row) => `${row.interface} ${row.mac} ${row.mtu}`);
    assert.deepEqual(
      shown,
      theirLinks.map((link) => `${link.ifname} ${link.address ?? '00:00:00:00:00:00'} ${link.mtu}`),
    );
    const [lo] = rows.interface_details ?? [];
    assert.equal(lo?.type, 772);
    assert.equal(Number(lo?.flags) & 9, 9, 'up, loopback');
  });

  it('interface_addresses as ip addr', () => {
    const theirs = theirLinks.flatMap((link) =>
      link.addr_info.map(
        (each) => `${link.ifname} ${each.local} ${each.broadcast ?? ''} ${each.address ?? ''}`,
      ),
    );
    const mine = rows.interface_addresses?.map(
      (row) => `${row.interface} ${row.address} ${row.broadcast} ${row.point_to_point}`,
    );
    assert.deepEqual(mine?.sort(), theirs.sort());
    const masks = new Map(rows.interface_addresses?.map((row) => [row.address, row.mask]));
    assert.equal(masks.get('10.9.8.7'), '255.255.240.0');
    assert.equal(masks.get('2001:db8::1:0:0:9'), 'ffff:ffff:ffff:ffff::');
    assert.equal(masks.get('10.1.1.1'), '255.255.255.255');
  });

  it('routes as ip route', () => {
    const by = (destination: string): Record<string, unknown>[] =>
      (rows.routes ?? []).filter((row) => row.destination === destination);
    assert.deepEqual(by('192.0.2.0'), [
      {
        destination: '192.0.2.0',
        netmask: 24,
        gateway: '10.9.8.1',
        source: '',
        flags: 0,
        interface: 'd0',
        mtu: 1300,
        metric: 7,
        type: 'gateway',
        hopcount: 0,
      },
    ]);
    assert.deepEqual(
      by('198.51.100.0').map((row) => `${row.gateway} ${row.interface}`),
      ['10.9.8.2 d0', '10.1.1.2 d1'],
    );
    assert.equal(by('203.0.113.0')[0]?.type, 'other');
    assert.equal(by('10.77.0.0')[0]?.interface, 'd1', 'other tables too');
    assert.equal(by('2001:db8:1::')[0]?.gateway, '2001:db8::2');
    const destinations = new Set(rows.routes?.map((row) => row.destination));
    for (const { dst } of theirRoutes) {
      const [address = ''] = dst.split('/');
      assert.ok(dst === 'default' || destinations.has(address), `${dst} is there`);
    }
  });

  it('iptables as it was told', () => {
    const shown = rows.iptables?.map((row) =>
      [
        ...['filter_name', 'chain', 'policy', 'target', 'protocol', 'dst_port'],
        ...['src_ip', 'src_mask', 'iniface', 'iniface_mask', 'dst_ip', 'match'],
      ]
        .map((name) => row[name])
        .join(' '),
    );
    const any = '0.0.0.0 0.0.0.0';
    for (const line of [
      'filter INPUT ACCEPT ACCEPT 6 22:22 10.0.0.0 255.0.0.0 d+ FF 0.0.0.0 yes',
      `filter INPUT ACCEPT MINE 17 53,5353 ${any} d0 FFFFFF 192.0.2.1 yes`,
      `filter FORWARD DROP  0  ${any} all  0.0.0.0 no`,
      `filter MINE   0  ${any} all  0.0.0.0 no`,
      'nat POSTROUTING ACCEPT MASQUERADE 0  !10.9.8.7 255.255.255.255 all  0.0.0.0 yes',
    ]) {
      assert.ok(shown?.includes(line), `${line}\nis not among\n${shown?.join('\n')}`);
    }
  });

  it('the default route and neighbours of this host', () => {
    const here: TableSet = openTables(findStateTables('network'));
    const [route] = JSON.parse(run('ip', '-j', '-4', 'route', 'show', 'default')) as Route[];
    const sql = `SELECT gateway, interface AS dev FROM routes
      WHERE destination = '0.0.0.0' AND netmask = 0 AND type = 'gateway'`;
    const mine = here.all(sql);
    here.close();
    assert.deepEqual(mine[0], route && { gateway: route.gateway, dev: route.dev });
  });
});

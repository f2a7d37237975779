import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const CONF = '/proc/sys/net/ipv6/conf';

function settings(of: string, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${CONF}/${of}/${name}`, `${value}\n`]),
  );
}

describe('tables: network, from files', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/proc/net/arp': `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
192.0.2.9        0x1         0x6         02:FC:00:00:00:09     *        eth0
cut
`,
      '/etc/hosts': `127.0.0.1\tlocalhost  me # remark
# 10.0.0.1 not

::1 ip6-localhost
  10.0.0.2   
`,
      '/etc/services': `# remark
ssh\t22/tcp\t\t\t# Secure Shell # really
domain 53/udp nameserver dns
bad 99999x/tcp
none
odd 1/2/3
`,
      '/etc/protocols': 'tcp\t6\tTCP\t\t# transmission\nicmp 1\n# 9 no\nhuge x\n',
      '/etc/resolv.conf': Buffer.concat([
        Buffer.from(`# remark
; another
nameserver 10.0.0.53
nameserver fe80::1%eth0
search old.example
search a.example b.example
options ndots:2 rotate edns0 made-up
sortlist 10.1.0.0/255.255.0.0 130.155.160.0 11.0.0.0
nameserver 10.0.0.54
nameserver 10.0.0.55
 # nameserver 6.6.6.6
`),
        Buffer.from([0xff, 0xfe, 0x0a]),
      ]),
      ...settings('all', { accept_redirects: '0' }),
      ...settings('default', { forwarding: '1' }),
      ...settings('eth0', {
        hop_limit: '64',
        forwarding: '1',
        accept_redirects: '1',
        accept_ra: '1',
      }),
      ...settings('wlan0.1', {
        hop_limit: '255',
        forwarding: '0',
        accept_redirects: '1',
        accept_ra: '2',
      }),
    });
    set = openTables(findStateTables('network'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('arp_cache', () => {
    assert.deepEqual(set.all("SELECT * FROM arp_cache WHERE mac = '02:fc:00:00:00:09'"), [
      { address: '192.0.2.9', mac: '02:FC:00:00:00:09', interface: 'eth0', permanent: '1' },
    ]);
    assert.equal(set.all('SELECT * FROM arp_cache').length, 2);
  });

  it('etc_hosts', () => {
    assert.deepEqual(set.all('SELECT * FROM etc_hosts'), [
      { address: '127.0.0.1', hostnames: 'localhost me' },
      { address: '::1', hostnames: 'ip6-localhost' },
      { address: '10.0.0.2', hostnames: '' },
    ]);
  });

  it('etc_services and etc_protocols', () => {
    assert.deepEqual(set.all('SELECT * FROM etc_services'), [
      { name: 'ssh', port: 22, protocol: 'tcp', aliases: '', comment: 'Secure Shell # really' },
      { name: 'domain', port: 53, protocol: 'udp', aliases: 'nameserver dns', comment: '' },
    ]);
    assert.deepEqual(set.all('SELECT * FROM etc_protocols'), [
      { name: 'tcp', number: 6, alias: 'TCP', comment: 'transmission' },
      { name: 'icmp', number: 1, alias: '', comment: '' },
    ]);
  });

  it('dns_resolvers: what the C library takes of it', () => {
    const options = 0x2c0 | 0x4000 | 0x100000;
    assert.deepEqual(
      set.all('SELECT id, type, address, netmask FROM dns_resolvers WHERE options = ?', options),
      [
        { id: 0, type: 'nameserver', address: '10.0.0.53', netmask: '32' },
        { id: 1, type: 'nameserver', address: 'fe80::1%eth0', netmask: '32' },
        { id: 2, type: 'nameserver', address: '10.0.0.54', netmask: '32' },
        { id: 0, type: 'sortlist', address: '10.1.0.0', netmask: '16' },
        { id: 1, type: 'sortlist', address: '130.155.160.0', netmask: '16' },
        { id: 2, type: 'sortlist', address: '11.0.0.0', netmask: '8' },
        { id: 0, type: 'search', address: 'a.example', netmask: null },
        { id: 1, type: 'search', address: 'b.example', netmask: null },
      ],
    );
  });

  it('interface_ipv6: settings as the kernel combines them', () => {
    assert.deepEqual(set.all('SELECT * FROM interface_ipv6 ORDER BY interface'), [
      {
        interface: 'eth0',
        hop_limit: 64,
        forwarding_enabled: 1,
        redirect_accept: 0,
        rtadv_accept: 0,
      },
      {
        interface: 'wlan0.1',
        hop_limit: 255,
        forwarding_enabled: 0,
        redirect_accept: 1,
        rtadv_accept: 1,
      },
    ]);
  });

  it('arp_cache knows what ip neigh knows', () => {
    const here = openTables(findStateTables('network'));
    const mine = here.all('SELECT address, mac FROM arp_cache').map((row) => String(row.address));
    here.close();
    const { stdout } = spawnSync('ip', ['-4', 'neigh', 'show', 'nud', 'reachable'], {
      encoding: 'utf8',
    });
    for (const line of stdout.split('\n').filter((each) => each !== '')) {
      assert.ok(mine.includes(line.split(' ')[0] ?? ''), line);
    }
  });
});

/** What LXD knows of its networks, storage, cluster and clients. */
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at } from '../../host/json.ts';
import { number } from './docker.ts';
import { askLxdEach, askLxdObject, lxdText } from './lxd.ts';

export const lxdNetworks = defineTable({
  name: 'lxd_networks',
  description: 'Networks that LXD or Incus knows',
  columns: {
    name: text('Name'),
    type: text('Kind'),
    managed: integer('1 when LXD made it'),
    ipv4_address: text('IPv4 address'),
    ipv6_address: text('IPv6 address'),
    used_by: text('Who uses it, comma-separated'),
    bytes_received: bigint('Bytes received'),
    bytes_sent: bigint('Bytes sent'),
    packets_received: bigint('Packets received'),
    packets_sent: bigint('Packets sent'),
    hwaddr: text('Hardware address'),
    state: text('up or down'),
    mtu: integer('Largest packet'),
  },
  examples: ['SELECT name, ipv4_address, used_by FROM lxd_networks WHERE managed = 1'],
  *generate(context) {
    for (const { url, facts } of askLxdEach(context, '/1.0/networks')) {
      const state = askLxdObject(context, `${url}/state`);
      const count = (name: string) => number(at(state, 'counters', name));
      yield {
        name: lxdText(facts, 'name'),
        type: lxdText(facts, 'type'),
        managed: facts.managed === true,
        ipv4_address: lxdText(facts, 'config', 'ipv4.address'),
        ipv6_address: lxdText(facts, 'config', 'ipv6.address'),
        used_by: asList(facts.used_by)
          .map((user) => asText(user).replace(/^\/1\.0\/instances\//, ''))
          .join(','),
        bytes_received: count('bytes_received'),
        bytes_sent: count('bytes_sent'),
        packets_received: count('packets_received'),
        packets_sent: count('packets_sent'),
        hwaddr: lxdText(state, 'hwaddr'),
        state: lxdText(state, 'state'),
        mtu: number(state?.mtu),
      };
    }
  },
});

export const lxdStoragePools = defineTable({
  name: 'lxd_storage_pools',
  description: 'Storage pools of LXD or Incus',
  columns: {
    name: text('Name'),
    driver: text('Driver'),
    source: text('Device, folder or pool that it is on'),
    size: text('Size that was asked for'),
    space_used: bigint('Bytes used'),
    space_total: bigint('Bytes in all'),
    inodes_used: bigint('Inodes used'),
    inodes_total: bigint('Inodes in all'),
  },
  examples: ['SELECT name, driver, space_used, space_total FROM lxd_storage_pools'],
  *generate(context) {
    for (const { url, facts } of askLxdEach(context, '/1.0/storage-pools')) {
      const used = askLxdObject(context, `${url}/resources`);
      yield {
        name: lxdText(facts, 'name'),
        driver: lxdText(facts, 'driver'),
        source: lxdText(facts, 'config', 'source'),
        size: lxdText(facts, 'config', 'size'),
        space_used: number(at(used, 'space', 'used')),
        space_total: number(at(used, 'space', 'total')),
        inodes_used: number(at(used, 'inodes', 'used')),
        inodes_total: number(at(used, 'inodes', 'total')),
      };
    }
  },
});

export const lxdCertificates = defineTable({
  name: 'lxd_certificates',
  description: 'Certificates that LXD or Incus trusts',
  columns: {
    name: text('Name'),
    type: text('Kind'),
    fingerprint: text('SHA-256', { collate: 'nocase' }),
    certificate: text('The certificate, PEM'),
  },
  examples: ['SELECT name, fingerprint FROM lxd_certificates'],
  *generate(context) {
    for (const { facts } of askLxdEach(context, '/1.0/certificates')) {
      yield {
        name: lxdText(facts, 'name'),
        type: lxdText(facts, 'type'),
        fingerprint: lxdText(facts, 'fingerprint'),
        certificate: lxdText(facts, 'certificate'),
      };
    }
  },
});

export const lxdCluster = defineTable({
  name: 'lxd_cluster',
  description: 'The cluster that LXD or Incus is in, and what a new member has to say',
  columns: {
    server_name: text('Name of this server'),
    enabled: integer('1 when it is in a cluster'),
    member_config_entity: text('What a member must set: network, storage-pool'),
    member_config_name: text('Name of that'),
    member_config_key: text('Setting'),
    member_config_value: text('Its value'),
    member_config_description: text('What it is for'),
  },
  examples: ['SELECT server_name, enabled FROM lxd_cluster'],
  *generate(context) {
    const facts = askLxdObject(context, '/1.0/cluster');
    if (facts === undefined) return;
    const row = { server_name: lxdText(facts, 'server_name'), enabled: facts.enabled === true };
    const settings = asList(facts.member_config);
    if (settings.length === 0) yield row;
    for (const setting of settings) {
      yield {
        ...row,
        member_config_entity: lxdText(setting, 'entity'),
        member_config_name: lxdText(setting, 'name'),
        member_config_key: lxdText(setting, 'key'),
        member_config_value: lxdText(setting, 'value'),
        member_config_description: lxdText(setting, 'description'),
      };
    }
  },
});

export const lxdClusterMembers = defineTable({
  name: 'lxd_cluster_members',
  description: 'Members of the cluster that LXD or Incus is in',
  columns: {
    server_name: text('Name'),
    url: text('Address'),
    database: integer('1 when it holds the database'),
    status: text('Online, Offline, ...'),
    message: text('What it says'),
  },
  examples: ['SELECT server_name, status FROM lxd_cluster_members'],
  *generate(context) {
    for (const { facts } of askLxdEach(context, '/1.0/cluster/members')) {
      yield {
        server_name: lxdText(facts, 'server_name'),
        url: lxdText(facts, 'url'),
        database: facts.database === true,
        status: lxdText(facts, 'status'),
        message: lxdText(facts, 'message'),
      };
    }
  },
});

/** What the list of containers says of each: a table for each kind of part. */
import { defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at, isObject } from '../../host/json.ts';
import { containers, number, ofContainer, pairs } from './docker.ts';

const ID = text('Identifier of the container', { index: true, collate: 'nocase' });

export const dockerContainerLabels = defineTable({
  name: 'docker_container_labels',
  description: 'Labels of containers of Docker',
  columns: {
    id: ID,
    key: text('Label', { index: true, operators: [] }),
    value: text('Value'),
  },
  examples: [
    "SELECT id, value FROM docker_container_labels WHERE key = 'com.docker.compose.project'",
  ],
  *generate(context) {
    for (const { id, facts } of containers(context))
      for (const [key, value] of pairs(facts.Labels)) yield { id, key, value };
  },
});

export const dockerContainerEnvs = defineTable({
  name: 'docker_container_envs',
  description: 'Environment that containers of Docker are started with',
  columns: { id: ID, key: text('Variable'), value: text('Value') },
  examples: ["SELECT id, key FROM docker_container_envs WHERE key LIKE '%PASSWORD%'"],
  *generate(context) {
    for (const container of containers(context)) {
      for (const each of asList(at(ofContainer(context, container, 'json'), 'Config', 'Env'))) {
        const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(asText(each)) ?? [];
        yield { id: container.id, key, value };
      }
    }
  },
});

export const dockerContainerMounts = defineTable({
  name: 'docker_container_mounts',
  description: 'What of the host and of volumes is mounted in containers of Docker',
  columns: {
    id: ID,
    type: text('bind, volume, tmpfs'),
    name: text('Name of the volume', { index: true, operators: [] }),
    source: text('Path on the host'),
    destination: text('Path in the container'),
    driver: text('Driver of the volume'),
    mode: text('Options'),
    rw: integer('1 when it may be written'),
    propagation: text('Propagation of mounts'),
  },
  examples: ["SELECT id, source FROM docker_container_mounts WHERE source LIKE '%docker.sock'"],
  *generate(context) {
    for (const { id, facts } of containers(context)) {
      for (const mount of asList(facts.Mounts).filter(isObject)) {
        yield {
          id,
          type: asText(mount.Type),
          name: asText(mount.Name),
          source: asText(mount.Source),
          destination: asText(mount.Destination),
          driver: asText(mount.Driver),
          mode: asText(mount.Mode),
          rw: mount.RW === true,
          propagation: asText(mount.Propagation),
        };
      }
    }
  },
});

export const dockerContainerNetworks = defineTable({
  name: 'docker_container_networks',
  description: 'Networks that containers of Docker are in',
  columns: {
    id: ID,
    name: text('Network', { index: true, operators: [] }),
    network_id: text('Identifier of the network', { collate: 'nocase' }),
    endpoint_id: text('Identifier of its end', { collate: 'nocase' }),
    gateway: text('IPv4 gateway'),
    ip_address: text('IPv4 address'),
    ip_prefix_len: integer('Length of the IPv4 prefix'),
    ipv6_gateway: text('IPv6 gateway'),
    ipv6_address: text('IPv6 address'),
    ipv6_prefix_len: integer('Length of the IPv6 prefix'),
    mac_address: text('Hardware address', { collate: 'nocase' }),
  },
  examples: ['SELECT id, name, ip_address FROM docker_container_networks'],
  *generate(context) {
    for (const { id, facts } of containers(context)) {
      const networks = at(facts.NetworkSettings, 'Networks');
      for (const [name, network] of Object.entries(isObject(networks) ? networks : {})) {
        const value = (key: string): string => asText(at(network, key));
        yield {
          id,
          name,
          network_id: value('NetworkID'),
          endpoint_id: value('EndpointID'),
          gateway: value('Gateway'),
          ip_address: value('IPAddress'),
          ip_prefix_len: number(at(network, 'IPPrefixLen')),
          ipv6_gateway: value('IPv6Gateway'),
          ipv6_address: value('GlobalIPv6Address'),
          ipv6_prefix_len: number(at(network, 'GlobalIPv6PrefixLen')),
          mac_address: value('MacAddress'),
        };
      }
    }
  },
});

export const dockerContainerPorts = defineTable({
  name: 'docker_container_ports',
  description: 'Ports of containers of Docker, and where the host offers them',
  columns: {
    id: text('Identifier of the container', {
      additional: true,
      collate: 'nocase',
      operators: ['='],
    }),
    type: text('tcp, udp, sctp'),
    port: integer('Port in the container'),
    host_ip: text('Address of the host'),
    host_port: integer('Port of the host; 0 when it is not offered'),
  },
  examples: ["SELECT id, port, host_port FROM docker_container_ports WHERE host_ip = '0.0.0.0'"],
  *generate(context) {
    for (const { id, facts } of containers(context)) {
      for (const port of asList(facts.Ports).filter(isObject)) {
        yield {
          id,
          type: asText(port.Type),
          port: number(port.PrivatePort),
          host_ip: asText(port.IP),
          host_port: number(port.PublicPort) ?? 0,
        };
      }
    }
  },
});

/** Networks and volumes of Docker, with their labels. */
import type { TableContext } from '../../bridge/context.ts';
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at, isObject, type JsonObject } from '../../host/json.ts';
import { askList, askObject, names, pairs, seconds } from './docker.ts';

function* networks(context: TableContext<'id'>): Iterable<{ id: string; facts: JsonObject }> {
  const asked = context.texts('id');
  for (const facts of askList(context, '/networks'))
    for (const id of names(asText(facts.Id), asked)) yield { id, facts };
}

function volumes(context: TableContext): readonly JsonObject[] {
  return asList(askObject(context, '/volumes')?.Volumes).filter(isObject);
}

export const dockerNetworks = defineTable({
  name: 'docker_networks',
  description: 'Networks of Docker',
  columns: {
    id: text('Identifier', { index: true, collate: 'nocase' }),
    name: text('Name'),
    driver: text('Driver'),
    created: bigint('When it was made, seconds since 1970'),
    enable_ipv6: integer('1 when it has IPv6'),
    subnet: text('Its first net'),
    gateway: text('Gateway of that'),
  },
  examples: ['SELECT name, driver, subnet FROM docker_networks'],
  *generate(context) {
    for (const { id, facts } of networks(context)) {
      const [config] = asList(at(facts.IPAM, 'Config'));
      yield {
        id,
        name: asText(facts.Name),
        driver: asText(facts.Driver),
        created: seconds(facts.Created),
        enable_ipv6: facts.EnableIPv6 === true,
        subnet: asText(at(config, 'Subnet')),
        gateway: asText(at(config, 'Gateway')),
      };
    }
  },
});

export const dockerNetworkLabels = defineTable({
  name: 'docker_network_labels',
  description: 'Labels of networks of Docker',
  columns: {
    id: text('Identifier of the network', { index: true, collate: 'nocase' }),
    key: text('Label'),
    value: text('Value'),
  },
  examples: ['SELECT * FROM docker_network_labels'],
  *generate(context) {
    for (const { id, facts } of networks(context))
      for (const [key, value] of pairs(facts.Labels)) yield { id, key, value };
  },
});

export const dockerVolumes = defineTable({
  name: 'docker_volumes',
  description: 'Volumes of Docker',
  columns: {
    name: text('Name', { index: true, operators: [] }),
    driver: text('Driver'),
    mount_point: text('Folder on the host'),
    type: text('Type of its file system, where its options say it'),
  },
  examples: ['SELECT name, mount_point FROM docker_volumes'],
  *generate(context) {
    for (const facts of volumes(context)) {
      yield {
        name: asText(facts.Name),
        driver: asText(facts.Driver),
        mount_point: asText(facts.Mountpoint),
        type: asText(at(facts.Options, 'type')),
      };
    }
  },
});

export const dockerVolumeLabels = defineTable({
  name: 'docker_volume_labels',
  description: 'Labels of volumes of Docker',
  columns: {
    name: text('Name of the volume', { index: true, operators: [] }),
    key: text('Label', { index: true, operators: [] }),
    value: text('Value'),
  },
  examples: ['SELECT * FROM docker_volume_labels'],
  *generate(context) {
    for (const facts of volumes(context))
      for (const [key, value] of pairs(facts.Labels))
        yield { name: asText(facts.Name), key, value };
  },
});

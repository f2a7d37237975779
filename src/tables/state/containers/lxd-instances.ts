/** What LXD knows of its containers and virtual machines. */
import type { TableContext } from '../../bridge/context.ts';
import { defineTable, integer, text } from '../../bridge/table.ts';
import { at, isObject, type JsonObject } from '../../host/json.ts';
import { number } from './docker.ts';
import { askLxdEach, askLxdObject, lxdEntries, lxdText, lxdUrl } from './lxd.ts';

interface Instance {
  readonly url: string;
  readonly facts: JsonObject;
}

function* instances(context: TableContext<'name'>): Iterable<Instance> {
  const asked = context.texts('name');
  if (asked === undefined) {
    yield* askLxdEach(context, '/1.0/instances');
    return;
  }
  for (const name of asked) {
    const url = lxdUrl('instances', name);
    const facts = askLxdObject(context, url);
    if (facts !== undefined) yield { url, facts };
  }
}

export const lxdInstances = defineTable({
  name: 'lxd_instances',
  description: 'Containers and virtual machines of LXD or Incus',
  columns: {
    name: text('Name', { index: true }),
    status: text('Running, Stopped, ...'),
    stateful: integer('1 when its state is kept on the disk'),
    ephemeral: integer('1 when it is deleted once it stops'),
    created_at: text('When it was made'),
    base_image: text('Image that it was made from'),
    architecture: text('Architecture'),
    os: text('Operating system'),
    description: text('What its image says of itself'),
    pid: integer('First process, on the host'),
    processes: integer('Processes'),
  },
  examples: ["SELECT name, os, processes FROM lxd_instances WHERE status = 'Running'"],
  *generate(context) {
    for (const { url, facts } of instances(context)) {
      const more = context.uses('os', 'description', 'architecture')
        ? at(askLxdObject(context, `${url}/metadata`), 'properties')
        : undefined;
      const state = context.uses('pid', 'processes')
        ? askLxdObject(context, `${url}/state`)
        : undefined;
      yield {
        name: lxdText(facts, 'name'),
        status: lxdText(facts, 'status'),
        stateful: facts.stateful === true,
        ephemeral: facts.ephemeral === true,
        created_at: lxdText(facts, 'created_at'),
        base_image: lxdText(facts, 'config', 'volatile.base_image'),
        architecture: lxdText(more, 'architecture') || lxdText(facts, 'architecture'),
        os: lxdText(more, 'os'),
        description: lxdText(more, 'description'),
        pid: number(state?.pid),
        processes: number(state?.processes),
      };
    }
  },
});

const NAME = text('Name of the instance', { index: true, required: true, operators: ['='] });

export const lxdInstanceConfig = defineTable({
  name: 'lxd_instance_config',
  description: 'Settings of an instance of LXD or Incus',
  columns: { name: NAME, key: text('Setting'), value: text('Its value') },
  examples: ["SELECT key, value FROM lxd_instance_config WHERE name = 'web1'"],
  *generate(context) {
    for (const { facts } of instances(context)) {
      for (const [key, value] of lxdEntries(facts.config)) {
        yield { name: lxdText(facts, 'name'), key, value };
      }
    }
  },
});

export const lxdInstanceDevices = defineTable({
  name: 'lxd_instance_devices',
  description: 'Devices of an instance of LXD or Incus, those of its profiles too',
  columns: {
    name: NAME,
    device: text('Name of the device'),
    device_type: text('Kind of device'),
    key: text('Setting of the device'),
    value: text('Its value'),
  },
  examples: ["SELECT device, key, value FROM lxd_instance_devices WHERE name = 'web1'"],
  *generate(context) {
    for (const { facts } of instances(context)) {
      const devices = facts.expanded_devices;
      for (const [device, settings] of Object.entries(isObject(devices) ? devices : {})) {
        for (const [key, value] of lxdEntries(settings)) {
          if (key === 'type') continue;
          const device_type = lxdText(settings, 'type');
          yield { name: lxdText(facts, 'name'), device, device_type, key, value };
        }
      }
    }
  },
});

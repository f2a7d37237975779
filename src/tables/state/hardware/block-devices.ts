import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { blockDevice, blockDevices, udevProperties } from './block-list.ts';

export const blockDevicesTable = defineTable({
  name: 'block_devices',
  description: 'Disks, partitions and other block devices, from /sys and what udev found out',
  rows: 20,
  columns: {
    name: text('Device', { index: true }),
    parent: text('Device that it is part of or made from'),
    vendor: text('Vendor'),
    model: text('Model'),
    serial: text('Serial number or world-wide name'),
    size: bigint('Size in units of 512 bytes'),
    block_size: integer('Bytes of a block'),
    uuid: text('UUID of the file system', { collate: 'nocase' }),
    type: text('Type of the file system'),
    label: text('Label of the file system'),
  },
  examples: ['SELECT name, parent, size * 512 AS bytes, type FROM block_devices'],
  *generate(context) {
    const { host } = context;
    const asked = context
      .texts('name')
      ?.filter((name) => /^\/dev\/[^/]/.test(name) && !name.includes('/.'))
      .map((name) => name.slice('/dev/'.length).replaceAll('/', '!'))
      .filter((id) => host.exists(`/sys/class/block/${id}`))
      .map((id) => blockDevice(host, id));
    for (const device of asked ?? blockDevices(host)) {
      const value = (of: string): string | undefined => host.value(`${device.hardware}/${of}`);
      const udev = udevProperties(host, device);
      yield {
        name: device.name,
        parent: device.parent,
        vendor: value('device/vendor') ?? udev.get('ID_VENDOR') ?? '',
        model: udev.get('ID_MODEL') ?? value('device/model') ?? '',
        serial: value('device/wwid') ?? value('device/serial') ?? udev.get('ID_SERIAL_SHORT') ?? '',
        size: host.value(`${device.folder}/size`),
        block_size: value('queue/logical_block_size'),
        uuid: udev.get('ID_FS_UUID') ?? '',
        type: udev.get('ID_FS_TYPE') ?? '',
        label: udev.get('ID_FS_LABEL') ?? '',
      };
    }
  },
});

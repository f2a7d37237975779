import { defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { type BlockDevice, blockDevices, udevProperties } from './block-list.ts';
import { luksCipher } from './luks.ts';

/** Type and cipher of a device that dm-crypt makes; undefined of others. */
function cryptType(host: Host, device: BlockDevice): string | undefined {
  // CRYPT-LUKS2-<uuid>-<name>, as cryptsetup names them.
  const [, type] = /^CRYPT-([A-Z0-9]+)-/.exec(host.value(`${device.folder}/dm/uuid`) ?? '') ?? [];
  if (type === undefined) return undefined;
  const cipher = device.parent === '' ? undefined : luksCipher(host, device.parent);
  return cipher === undefined ? type : `${type}-${cipher}`;
}

export const diskEncryption = defineTable({
  name: 'disk_encryption',
  description: 'Which block devices are encrypted by dm-crypt, or part of or made from one that is',
  rows: 20,
  columns: {
    name: text('Device', { index: true, operators: [] }),
    uuid: text('UUID of the file system', { collate: 'nocase' }),
    encrypted: integer('1 when it is encrypted'),
    type: text('Kind and cipher: LUKS2-aes-xts-plain64'),
    encryption_status: text('encrypted or not encrypted'),
    uid: elsewhere('TEXT'),
    user_uuid: elsewhere('TEXT', { collate: 'nocase' }),
    filevault_status: elsewhere('TEXT'),
  },
  examples: ['SELECT name, type FROM disk_encryption WHERE encrypted = 1'],
  *generate({ host }) {
    const devices = new Map(blockDevices(host).map((device) => [device.name, device]));
    const typeOf = (device: BlockDevice | undefined, depth = 0): string | undefined => {
      // Devices are stacked a few high; /sys has no circles, a fixture may.
      if (device === undefined || depth > devices.size) return undefined;
      return cryptType(host, device) ?? typeOf(devices.get(device.parent), depth + 1);
    };
    for (const device of devices.values()) {
      const type = typeOf(device);
      yield {
        name: device.name,
        uuid: udevProperties(host, device).get('ID_FS_UUID') ?? '',
        encrypted: type !== undefined,
        type: type ?? '',
        encryption_status: type === undefined ? 'not encrypted' : 'encrypted',
      };
    }
  },
});

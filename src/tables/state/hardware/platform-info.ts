import { defineTable, integer, text } from '../../bridge/table.ts';
import { hex, type SmbiosStructure, smbios } from './smbios.ts';

const BIOS = 0;

/** Bytes of the ROM: in 64 KiB, or in the later field in MiB or GiB. */
function romSize(bios: SmbiosStructure): bigint {
  const blocks = bios.number8(0x09) ?? 0;
  const extended = bios.number16(0x18);
  if (blocks !== 0xff || extended === undefined) return BigInt(blocks + 1) << 16n;
  return BigInt(extended & 0x3fff) << (extended >> 14 === 1 ? 30n : 20n);
}

export const platformInfo = defineTable({
  name: 'platform_info',
  description: 'The firmware (SMBIOS)',
  rows: 1,
  columns: {
    vendor: text('Vendor'),
    version: text('Version', { collate: 'version' }),
    date: text('Date of the release, as the firmware writes it'),
    revision: text('Major and minor revision'),
    extra: text('Always empty on Linux'),
    firmware_type: text('uefi when the kernel was started by it, else bios'),
    address: text('Segment that it is loaded to, hexadecimal'),
    size: text('Bytes of its ROM'),
    volume_size: integer('Always 0 on Linux'),
  },
  examples: ['SELECT vendor, version, date, firmware_type FROM platform_info'],
  *generate(context) {
    const uefi = context.host.exists('/sys/firmware/efi');
    for (const bios of smbios(context, BIOS)) {
      const major = bios.number8(0x14);
      yield {
        vendor: bios.text(0x04),
        version: bios.text(0x05),
        date: bios.text(0x08),
        revision: major === undefined ? '' : `${major}.${bios.number8(0x15) ?? 0}`,
        extra: '',
        firmware_type: uefi ? 'uefi' : 'bios',
        address: hex(bios.number16(0x06) ?? 0, 4),
        size: String(romSize(bios)),
        volume_size: 0,
      };
    }
  },
});

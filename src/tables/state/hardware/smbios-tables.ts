import { createHash } from 'node:crypto';
import { defineTable, integer, text } from '../../bridge/table.ts';
import { smbios } from './smbios.ts';

/** Types of structures by number, as osquery names them. */
const DESCRIPTIONS = [
  'BIOS Information',
  'System Information',
  'Base Board or Module Information',
  'System Enclosure or Chassis',
  'Processor Information',
  'Memory Controller Information',
  'Memory Module Information',
  'Cache Information',
  'Port Connector Information',
  'System Slots',
  'On Board Devices Information',
  'OEM Strings',
  'System Configuration Options',
  'BIOS Language Information',
  'Group Associations',
  'System Event Log',
  'Physical Memory Array',
  'Memory Device',
  '32-bit Memory Error Information',
  'Memory Array Mapped Address',
  'Memory Device Mapped Address',
  'Built-in Pointing Device',
  'Portable Battery',
  'System Reset',
  'Hardware Security',
  'System Power Controls',
  'Voltage Probe',
  'Cooling Device',
  'Temperature Probe',
  'Electrical Current Probe',
  'Out-of-Band Remote Access',
  'Boot Integrity Services',
  'System Boot Information',
  '64-bit Memory Error Information',
  'Management Device',
  'Management Device Component',
  'Management Device Threshold Data',
  'Memory Channel',
  'IPMI Device Information',
  'System Power Supply',
  'Additional Information',
  'Onboard Devices Extended Info',
];
const FURTHER: Readonly<Record<number, string>> = {
  126: 'Inactive',
  127: 'End-of-Table',
  130: 'Memory SPD Data',
  131: 'OEM Processor Type',
  132: 'OEM Processor Bus Speed',
};

export const smbiosTables = defineTable({
  name: 'smbios_tables',
  description: "Structures of the firmware's description of the hardware (SMBIOS)",
  rows: 50,
  columns: {
    number: integer('Place in the table, from 0'),
    type: integer('Type'),
    description: text('What the type is'),
    handle: integer('Handle'),
    header_size: integer('Bytes of the formatted part'),
    size: integer('Bytes of all of it'),
    md5: text('MD5 of all of it', { collate: 'nocase' }),
  },
  examples: ['SELECT number, description, size, md5 FROM smbios_tables'],
  *generate(context) {
    for (const structure of smbios(context)) {
      yield {
        number: structure.number,
        type: structure.type,
        description: DESCRIPTIONS[structure.type] ?? FURTHER[structure.type] ?? 'Unknown',
        handle: structure.handle,
        header_size: structure.headerSize,
        size: structure.bytes.length,
        md5: createHash('md5').update(structure.bytes).digest('hex'),
      };
    }
  },
});

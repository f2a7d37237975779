import { defineTable, integer, text } from '../../bridge/table.ts';
import { smbios } from './smbios.ts';

const OEM_STRINGS = 11;

export const oemStrings = defineTable({
  name: 'oem_strings',
  description: 'Texts that the manufacturer or the hypervisor put into the firmware (SMBIOS)',
  rows: 4,
  columns: {
    handle: text('Handle of the structure'),
    number: integer('Place, from 1'),
    value: text('The text'),
  },
  examples: ['SELECT value FROM oem_strings'],
  *generate(context) {
    for (const structure of smbios(context, OEM_STRINGS)) {
      const count = structure.number8(0x04) ?? 0;
      for (let number = 1; number <= count; number++) {
        yield { handle: structure.handleAt(0x02), number, value: structure.string(number) };
      }
    }
  },
});

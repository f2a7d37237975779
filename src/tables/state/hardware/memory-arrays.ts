import { defineTable, integer, text } from '../../bridge/table.ts';
import { ARRAY_LOCATIONS, ARRAY_USES, CORRECTIONS, wordOf } from './memory-words.ts';
import { type SmbiosStructure, smbios } from './smbios.ts';

const MEMORY_ARRAY = 16;
/** The capacity is in the field for more than 2 TiB. */
const EXTENDED = 0x8000_0000;

/** Gigabytes. */
function capacity(array: SmbiosStructure): number | undefined {
  const kilobytes = array.number32(0x07);
  if (kilobytes !== EXTENDED) return kilobytes === undefined ? undefined : kilobytes / (1 << 20);
  const bytes = array.number64(0x0f);
  return bytes === undefined ? undefined : Number(bytes / 1_073_741_824n);
}

export const memoryArrays = defineTable({
  name: 'memory_arrays',
  description: 'Groups of memory modules, as the firmware describes them (SMBIOS)',
  rows: 1,
  columns: {
    handle: text('Handle of the structure'),
    location: text('Where it is'),
    use: text('What it is for'),
    memory_error_correction: text('Kind of error correction'),
    max_capacity: integer('Gigabytes at most'),
    memory_error_info_handle: text('Handle of what is known of errors'),
    number_memory_devices: integer('Slots'),
  },
  examples: ['SELECT location, max_capacity, number_memory_devices FROM memory_arrays'],
  *generate(context) {
    for (const array of smbios(context, MEMORY_ARRAY)) {
      yield {
        handle: array.handleAt(0x02),
        location: wordOf(ARRAY_LOCATIONS, array.number8(0x04)),
        use: wordOf(ARRAY_USES, array.number8(0x05)),
        memory_error_correction: wordOf(CORRECTIONS, array.number8(0x06)),
        max_capacity: capacity(array),
        memory_error_info_handle: array.handleAt(0x0b),
        number_memory_devices: array.number16(0x0d),
      };
    }
  },
});

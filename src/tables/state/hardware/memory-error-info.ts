import { defineTable, text } from '../../bridge/table.ts';
import { ERROR_GRANULARITIES, ERROR_OPERATIONS, ERROR_TYPES, wordOf } from './memory-words.ts';
import { hex, type SmbiosStructure, smbios } from './smbios.ts';

const MEMORY_ERROR = 18;

const number = (error: SmbiosStructure, offset: number): string =>
  hex(error.number32(offset) ?? 0, 8);

export const memoryErrorInfo = defineTable({
  name: 'memory_error_info',
  description: 'Errors of memory that the firmware knows of (SMBIOS)',
  rows: 1,
  columns: {
    handle: text('Handle of the structure'),
    error_type: text('Kind of error; OK for none'),
    error_granularity: text('How exactly it is known where'),
    error_operation: text('What was done'),
    vendor_syndrome: text('What the vendor says'),
    memory_array_error_address: text('Address in the array; 0x80000000 when not known'),
    device_error_address: text('Address in the module; 0x80000000 when not known'),
    error_resolution: text('Bytes within which the address is; 0x80000000 when not known'),
  },
  examples: ["SELECT handle, error_type FROM memory_error_info WHERE error_type <> 'OK'"],
  *generate(context) {
    for (const error of smbios(context, MEMORY_ERROR)) {
      yield {
        handle: error.handleAt(0x02),
        error_type: wordOf(ERROR_TYPES, error.number8(0x04)),
        error_granularity: wordOf(ERROR_GRANULARITIES, error.number8(0x05)),
        error_operation: wordOf(ERROR_OPERATIONS, error.number8(0x06)),
        vendor_syndrome: number(error, 0x07),
        memory_array_error_address: number(error, 0x0b),
        device_error_address: number(error, 0x0f),
        error_resolution: number(error, 0x13),
      };
    }
  },
});

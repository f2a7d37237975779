import { defineTable, integer, text } from '../../bridge/table.ts';
import { hex, type SmbiosStructure, smbios } from './smbios.ts';

const ARRAY_MAPPED = 19;
const DEVICE_MAPPED = 20;
const IN_EXTENDED = 0xffff_ffff;

/** Kilobytes; beyond 4 TiB the extended fields have bytes. */
function range(
  mapped: SmbiosStructure,
  extended: number,
): { readonly starting_address: string; readonly ending_address: string } {
  const start = mapped.number32(0x04) ?? 0;
  const end = mapped.number32(0x08) ?? 0;
  if (start !== IN_EXTENDED)
    return { starting_address: hex(start, 8), ending_address: hex(end, 8) };
  return {
    starting_address: hex((mapped.number64(extended) ?? 0n) / 1024n, 8),
    ending_address: hex((mapped.number64(extended + 8) ?? 0n) / 1024n, 8),
  };
}

export const memoryArrayMappedAddresses = defineTable({
  name: 'memory_array_mapped_addresses',
  description: 'Addresses of groups of memory modules, as the firmware describes them (SMBIOS)',
  rows: 1,
  columns: {
    handle: text('Handle of the structure'),
    memory_array_handle: text('Handle of the array'),
    starting_address: text('First kilobyte, hexadecimal'),
    ending_address: text('Last kilobyte, hexadecimal'),
    partition_width: integer('Modules that form a row'),
  },
  examples: ['SELECT starting_address, ending_address FROM memory_array_mapped_addresses'],
  *generate(context) {
    for (const mapped of smbios(context, ARRAY_MAPPED)) {
      yield {
        handle: mapped.handleAt(0x02),
        memory_array_handle: mapped.handleAt(0x0c),
        ...range(mapped, 0x0f),
        partition_width: mapped.number8(0x0e),
      };
    }
  },
});

export const memoryDeviceMappedAddresses = defineTable({
  name: 'memory_device_mapped_addresses',
  description: 'Addresses of memory modules, as the firmware describes them (SMBIOS)',
  rows: 4,
  columns: {
    handle: text('Handle of the structure'),
    memory_device_handle: text('Handle of the module'),
    memory_array_mapped_address_handle: text("Handle of the addresses of the module's array"),
    starting_address: text('First kilobyte, hexadecimal'),
    ending_address: text('Last kilobyte, hexadecimal'),
    partition_row_position: integer('Place of the module in its row'),
    interleave_position: integer('Place of the module among those that are interleaved'),
    interleave_data_depth: integer('Rows that are accessed at once'),
  },
  examples: ['SELECT memory_device_handle, starting_address FROM memory_device_mapped_addresses'],
  *generate(context) {
    for (const mapped of smbios(context, DEVICE_MAPPED)) {
      yield {
        handle: mapped.handleAt(0x02),
        memory_device_handle: mapped.handleAt(0x0c),
        memory_array_mapped_address_handle: mapped.handleAt(0x0e),
        ...range(mapped, 0x13),
        partition_row_position: mapped.number8(0x10),
        interleave_position: mapped.number8(0x11),
        interleave_data_depth: mapped.number8(0x12),
      };
    }
  },
});

import { defineTable, integer, text } from '../../bridge/table.ts';
import { FORM_FACTORS, MEMORY_TYPES, TYPE_DETAILS, wordOf } from './memory-words.ts';
import { type SmbiosStructure, smbios } from './smbios.ts';

const MEMORY_DEVICE = 17;

/** Megabytes; undefined when the firmware does not know. */
function size(device: SmbiosStructure): number | undefined {
  const given = device.number16(0x0c);
  if (given === undefined || given === 0xffff) return undefined;
  // The field is too small for 32 GiB and more.
  if (given === 0x7fff) return device.number32(0x1c);
  return (given & 0x8000) !== 0 ? (given & 0x7fff) / 1024 : given;
}

function known(value: number | undefined, ...unknown: readonly number[]): number | undefined {
  return value === undefined || unknown.includes(value) ? undefined : value;
}

export const memoryDevices = defineTable({
  name: 'memory_devices',
  description: 'Memory modules and their slots, as the firmware describes them (SMBIOS)',
  rows: 4,
  columns: {
    handle: text('Handle of the structure'),
    array_handle: text('Handle of its array'),
    form_factor: text('DIMM, SODIMM, ...'),
    total_width: integer('Bits, with those for correction'),
    data_width: integer('Bits of data'),
    size: integer('Megabytes; 0 for an empty slot'),
    set: integer('Set of modules that belong together; 0 for none'),
    device_locator: text('Name of the slot'),
    bank_locator: text('Name of the bank'),
    memory_type: text('DDR4, DDR5, ...'),
    memory_type_details: text('Further properties'),
    max_speed: integer('Megatransfers in a second that it can'),
    configured_clock_speed: integer('Megatransfers in a second that it is used with'),
    manufacturer: text('Manufacturer'),
    serial_number: text('Serial number'),
    asset_tag: text('Asset tag'),
    part_number: text('Part number'),
    min_voltage: integer('Least voltage in millivolts'),
    max_voltage: integer('Most voltage in millivolts'),
    configured_voltage: integer('Voltage in millivolts'),
  },
  examples: ['SELECT device_locator, size, memory_type, part_number FROM memory_devices'],
  *generate(context) {
    for (const device of smbios(context, MEMORY_DEVICE)) {
      const details = device.number16(0x13) ?? 0;
      yield {
        handle: device.handleAt(0x02),
        array_handle: device.handleAt(0x04),
        form_factor: wordOf(FORM_FACTORS, device.number8(0x0e)),
        total_width: known(device.number16(0x08), 0xffff),
        data_width: known(device.number16(0x0a), 0xffff),
        size: size(device),
        set: known(device.number8(0x0f), 0xff),
        device_locator: device.text(0x10),
        bank_locator: device.text(0x11),
        memory_type: wordOf(MEMORY_TYPES, device.number8(0x12)),
        memory_type_details: TYPE_DETAILS.filter((_, bit) => (details >> bit) & 1).join(' '),
        max_speed: known(device.number16(0x15), 0, 0xffff),
        configured_clock_speed: known(device.number16(0x20), 0, 0xffff),
        manufacturer: device.text(0x17),
        serial_number: device.text(0x18),
        asset_tag: device.text(0x19),
        part_number: device.text(0x1a),
        min_voltage: known(device.number16(0x22), 0),
        max_voltage: known(device.number16(0x24), 0),
        configured_voltage: known(device.number16(0x26), 0),
      };
    }
  },
});

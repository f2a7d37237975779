import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { smbiosStructures } from '../../../../src/tables/state/hardware/smbios.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

/** A structure as DSP0134 lays it out: `fields` are offset, size, value. */
function structure(
  type: number,
  handle: number,
  size: number,
  fields: readonly (readonly [offset: number, size: 1 | 2 | 4 | 8, value: number | bigint])[],
  strings: readonly string[] = [],
): Buffer {
  const bytes = Buffer.alloc(size);
  bytes[0] = type;
  bytes[1] = size;
  bytes.writeUInt16LE(handle, 2);
  for (const [offset, width, value] of fields) {
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value), offset);
    else bytes.writeUIntLE(Number(value), offset, width);
  }
  const text = strings.length === 0 ? '\0\0' : `${strings.join('\0')}\0\0`;
  return Buffer.concat([bytes, Buffer.from(text, 'latin1')]);
}

const UUID = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
const SYSTEM = structure(
  1,
  0x100,
  0x1b,
  [
    [4, 1, 1],
    [5, 1, 2],
    [6, 1, 3],
    [7, 1, 9],
  ],
  ['LENOVO', '20AB', 'ThinkPad X'],
);
UUID.copy(SYSTEM, 8);

const DMI = Buffer.concat([
  structure(
    0,
    0,
    0x1a,
    [
      [4, 1, 1],
      [5, 1, 2],
      [6, 2, 0xe800],
      [8, 1, 3],
      [9, 1, 0xff],
      [0x14, 1, 4],
      [0x15, 1, 13],
      [0x18, 2, 32],
    ],
    ['SeaBIOS', '1.16.2', '04/01/2014'],
  ),
  SYSTEM,
  structure(11, 0xb, 5, [[4, 1, 2]], ['io.systemd.credential:a=b', 'second']),
  structure(16, 0x1000, 0x17, [
    [4, 1, 3],
    [5, 1, 3],
    [6, 1, 6],
    [7, 4, 0x8000_0000],
    [0xb, 2, 0xfffe],
    [0xd, 2, 4],
    [0xf, 8, 1n << 42n],
  ]),
  structure(
    17,
    0x1100,
    0x28,
    [
      [4, 2, 0x1000],
      [8, 2, 72],
      [0xa, 2, 64],
      [0xc, 2, 0x7fff],
      [0xe, 1, 9],
      [0x10, 1, 1],
      [0x12, 1, 0x1a],
      [0x13, 2, 0x2080],
      [0x15, 2, 3200],
      [0x1a, 1, 2],
      [0x1c, 4, 65_536],
      [0x26, 2, 1200],
    ],
    ['DIMM 0', ' M393 '],
  ),
  structure(17, 0x1101, 0x15, [[0xc, 2, 0]]),
  structure(18, 0x1200, 0x17, [
    [4, 1, 3],
    [0xb, 4, 0x8000_0000],
  ]),
  structure(19, 0x1300, 0x1f, [
    [4, 4, 0xffff_ffff],
    [8, 4, 0xffff_ffff],
    [0xc, 2, 0x1000],
    [0xe, 1, 1],
    [0x17, 8, (1n << 43n) - 1n],
  ]),
  structure(20, 0x1400, 0x13, [
    [8, 4, 0x3ffff],
    [0xc, 2, 0x1100],
    [0xe, 2, 0x1300],
    [0x10, 1, 1],
  ]),
  structure(127, 0x7f00, 4, []),
]);

describe('tables: hardware, from the firmware', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/sys/firmware/dmi/tables/DMI': DMI,
      '/sys/firmware/acpi/tables/FACP': 'facp',
      '/sys/firmware/acpi/tables/dynamic/SSDT3': 'ssdt',
      '/sys/firmware/efi/x': '',
      '/proc/cpuinfo':
        'processor : 0\nmodel : 17\nmodel name : CPU\nmicrocode : 0x1\nphysical id : 0\ncore id : 0\n\nprocessor : 1\nphysical id : 0\ncore id : 0\n\nprocessor : 2\nphysical id : 1\ncore id : 0\n',
      '/proc/meminfo': 'MemTotal: 2048 kB\n',
      '/etc/machine-id': 'not used here\n',
    });
    set = openTables(findStateTables('hardware'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('smbios_tables', () => {
    const rows = set.all('SELECT number, type, description, handle, size, md5 FROM smbios_tables');
    assert.deepEqual(
      rows.map(({ type }) => type),
      [0, 1, 11, 16, 17, 17, 18, 19, 20, 127],
    );
    assert.deepEqual(rows[1], {
      number: 1,
      type: 1,
      description: 'System Information',
      handle: 0x100,
      size: SYSTEM.length,
      md5: createHash('md5').update(SYSTEM).digest('hex'),
    });
  });

  it('system_info: the machine, Lenovo put right', () => {
    const sql = `SELECT uuid, cpu_brand, cpu_subtype, cpu_microcode, cpu_physical_cores,
      cpu_logical_cores, cpu_sockets, physical_memory, hardware_vendor, hardware_model,
      hardware_version, hardware_serial, board_vendor FROM system_info`;
    assert.deepEqual(set.all(sql), [
      {
        uuid: '00112233-4455-6677-8899-aabbccddeeff',
        cpu_brand: 'CPU',
        cpu_subtype: '17',
        cpu_microcode: '0x1',
        cpu_physical_cores: 2,
        cpu_logical_cores: 3,
        cpu_sockets: 2,
        physical_memory: 2_097_152,
        hardware_vendor: 'LENOVO',
        hardware_model: 'ThinkPad X',
        hardware_version: '20AB',
        hardware_serial: '',
        board_vendor: '',
      },
    ]);
  });

  it('platform_info and oem_strings', () => {
    assert.deepEqual(set.all('SELECT * FROM platform_info'), [
      {
        vendor: 'SeaBIOS',
        version: '1.16.2',
        date: '04/01/2014',
        revision: '4.13',
        extra: '',
        firmware_type: 'uefi',
        address: '0xe800',
        size: String(32 << 20),
        volume_size: 0,
      },
    ]);
    assert.deepEqual(set.all('SELECT number, value FROM oem_strings'), [
      { number: 1, value: 'io.systemd.credential:a=b' },
      { number: 2, value: 'second' },
    ]);
  });

  it('memory_devices and memory_arrays', () => {
    const sql = `SELECT handle, array_handle, form_factor, total_width, size, device_locator,
      memory_type, memory_type_details, max_speed, part_number, min_voltage, configured_voltage
      FROM memory_devices`;
    assert.deepEqual(set.all(sql), [
      {
        handle: '0x1100',
        array_handle: '0x1000',
        form_factor: 'DIMM',
        total_width: 72,
        size: 65_536,
        device_locator: 'DIMM 0',
        memory_type: 'DDR4',
        memory_type_details: 'Synchronous Registered (Buffered)',
        max_speed: 3200,
        part_number: 'M393',
        min_voltage: null,
        configured_voltage: 1200,
      },
      {
        handle: '0x1101',
        array_handle: '0x0000',
        form_factor: '',
        total_width: 0,
        size: 0,
        device_locator: '',
        memory_type: '',
        memory_type_details: '',
        max_speed: null,
        part_number: '',
        min_voltage: null,
        configured_voltage: null,
      },
    ]);
    assert.deepEqual(set.all('SELECT * FROM memory_arrays'), [
      {
        handle: '0x1000',
        location: 'System board or motherboard',
        use: 'System memory',
        memory_error_correction: 'Multi-bit ECC',
        max_capacity: 4096,
        memory_error_info_handle: '0xfffe',
        number_memory_devices: 4,
      },
    ]);
  });

  it('addresses and errors of memory', () => {
    assert.deepEqual(set.all('SELECT * FROM memory_array_mapped_addresses'), [
      {
        handle: '0x1300',
        memory_array_handle: '0x1000',
        starting_address: '0x00000000',
        ending_address: '0x1ffffffff',
        partition_width: 1,
      },
    ]);
    assert.equal(
      set.all('SELECT ending_address AS a FROM memory_device_mapped_addresses')[0]?.a,
      '0x0003ffff',
    );
    assert.deepEqual(set.all('SELECT error_type, device_error_address FROM memory_error_info'), [
      { error_type: 'OK', device_error_address: '0x00000000' },
    ]);
  });

  it('acpi_tables, those in folders too', () => {
    assert.deepEqual(set.all('SELECT * FROM acpi_tables ORDER BY name'), [
      { name: 'FACP', size: 4, md5: createHash('md5').update('facp').digest('hex') },
      { name: 'SSDT3', size: 4, md5: createHash('md5').update('ssdt').digest('hex') },
    ]);
  });

  it('firmware that makes no sense ends somewhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const each of smbiosStructures(Buffer.from(bytes))) {
          assert.ok(each.bytes.length >= 4);
          each.text(4);
          each.number64(4);
          each.handleAt(4);
        }
      }),
    );
  });
});

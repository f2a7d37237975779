import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const PCI = '/sys/bus/pci/devices/0000:00:03.0';
const USB = '/sys/bus/usb/devices';
const DISK = '/sys/devices/pci0/block/sda';

/** Begin of a device that LUKS is on: version 2 has JSON after 4096 bytes. */
function luks2(): Buffer {
  const bytes = Buffer.alloc(16_384);
  bytes.write('LUKS\xba\xbe', 'latin1');
  bytes.writeUInt16BE(2, 6);
  bytes.writeBigUInt64BE(16_384n, 8);
  bytes.write('{"segments":{"0":{"type":"crypt","encryption":"aes-xts-plain64"}}}', 4096);
  return bytes;
}

function luks1(): Buffer {
  const bytes = Buffer.alloc(592);
  bytes.write('LUKS\xba\xbe', 'latin1');
  bytes.writeUInt16BE(1, 6);
  bytes.write('serpent', 8);
  bytes.write('cbc-essiv:sha256', 40);
  return bytes;
}

describe('tables: hardware, devices', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    const turbo = Buffer.alloc(0x700);
    turbo.writeBigUInt64LE(1n << 38n, 0x1a0);
    turbo.writeBigUInt64LE(5n, 0x3a);
    writeTree(root, {
      [`${PCI}/vendor`]: '0x1af4\n',
      [`${PCI}/device`]: '0x1000\n',
      [`${PCI}/class`]: '0x020000\n',
      [`${PCI}/subsystem_vendor`]: '0x1af4\n',
      [`${PCI}/subsystem_device`]: '0x0001\n',
      [`${PCI}/driver`]: { link: '../../drivers/virtio-pci' },
      '/sys/bus/pci/drivers/virtio-pci/x': '',
      '/usr/share/misc/pci.ids': `# remark
1af4  Red Hat, Inc.
\t1000  Virtio network device
\t\t1af4 0001  Its board
\t1001  Other
C 02  Network controller
\t00  Ethernet controller
`,
      '/usr/share/hwdata/usb.ids': '1d6b  Linux Foundation\n\t0002  2.0 root hub\n',
      [`${USB}/usb1/busnum`]: '1\n',
      [`${USB}/usb1/devnum`]: '1\n',
      [`${USB}/usb1/idVendor`]: '1d6b\n',
      [`${USB}/usb1/idProduct`]: '0002\n',
      [`${USB}/usb1/bDeviceClass`]: '09\n',
      [`${USB}/usb1/bcdDevice`]: '0601\n',
      [`${USB}/usb1/serial`]: '0000:00:01.2\n',
      [`${USB}/usb1/removable`]: 'fixed\n',
      [`${USB}/1-1/busnum`]: '1\n',
      [`${USB}/1-1/devnum`]: '7\n',
      [`${USB}/1-1/idVendor`]: 'abcd\n',
      [`${USB}/1-1/idProduct`]: '1234\n',
      [`${USB}/1-1/manufacturer`]: 'Some "Maker"\n',
      [`${USB}/1-1/product`]: 'A stick\nwith a line\n',
      [`${USB}/1-1/bDeviceClass`]: 'ff\n',
      [`${USB}/1-1:1.0/bInterfaceClass`]: '08\n',
      [`${DISK}/size`]: '2048\n',
      [`${DISK}/dev`]: '8:0\n',
      [`${DISK}/queue/logical_block_size`]: '512\n',
      [`${DISK}/device/vendor`]: 'ATA     \n',
      [`${DISK}/device/model`]: 'Disk 1\n',
      [`${DISK}/device/wwid`]: 'naa.5000\n',
      [`${DISK}/sda1/size`]: '1024\n',
      [`${DISK}/sda1/dev`]: '8:1\n',
      [`${DISK}/sda1/partition`]: '1\n',
      '/sys/devices/virtual/block/dm-0/dm/uuid': 'CRYPT-LUKS2-0123-root\n',
      '/sys/devices/virtual/block/dm-0/slaves/sda1/x': '',
      '/sys/devices/virtual/block/dm-0/dev': '253:0\n',
      '/sys/devices/virtual/block/dm-1/dm/uuid': 'LVM-abc\n',
      '/sys/devices/virtual/block/dm-1/slaves/dm-0/x': '',
      '/sys/devices/virtual/block/dm-2/dm/uuid': 'CRYPT-LUKS1-9-old\n',
      '/sys/devices/virtual/block/dm-2/slaves/cciss!c0d0/x': '',
      '/sys/devices/virtual/block/cciss!c0d0/size': '8\n',
      '/sys/class/block/sda': { link: '../../devices/pci0/block/sda' },
      '/sys/class/block/sda1': { link: '../../devices/pci0/block/sda/sda1' },
      '/sys/class/block/dm-0': { link: '../../devices/virtual/block/dm-0' },
      '/sys/class/block/dm-1': { link: '../../devices/virtual/block/dm-1' },
      '/sys/class/block/dm-2': { link: '../../devices/virtual/block/dm-2' },
      '/sys/class/block/cciss!c0d0': { link: '../../devices/virtual/block/cciss!c0d0' },
      '/run/udev/data/b8:1':
        'S:disk/by-uuid/x\nE:ID_FS_TYPE=crypto_LUKS\nE:ID_FS_UUID=0123\nE:ID_FS_LABEL=a=b\n',
      '/dev/sda1': luks2(),
      '/dev/cciss/c0d0': luks1(),
      '/dev/cpu/0/msr': turbo,
      '/dev/cpu/microcode': '',
      '/proc/mdstat': `Personalities : [raid1] [raid5]
md1 : active (auto-read-only) raid1 sdb1[2](F) sda1[0]
      4190208 blocks super 1.2 [2/1] [U_]
      [=>...................]  recovery =  5.6% (236416/4190208) finish=1.3min speed=47283K/sec
      bitmap: 1/1 pages [4KB], 65536KB chunk, file: /map

md0 : active raid5 sdc[0]
      100 blocks
      	resync=DELAYED

unused devices: sdz[1]
`,
      '/sys/block/md1/md/level': 'raid1\n',
      '/sys/block/md1/md/raid_disks': '2 (3)\n',
      '/sys/block/md1/md/array_state': 'clean\n',
      '/sys/block/md1/md/metadata_version': '1.2\n',
      '/sys/block/md1/md/chunk_size': '0\n',
      '/sys/block/md1/md/dev-sda1/state': 'in_sync,write_mostly\n',
      '/sys/block/md1/md/dev-sda1/slot': '0\n',
      '/sys/block/md1/md/dev-sdb1/state': 'faulty\n',
      '/sys/block/md1/md/dev-sdb1/slot': 'none\n',
    });
    set = openTables(findStateTables('hardware'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('pci_devices', () => {
    assert.deepEqual(set.all('SELECT * FROM pci_devices'), [
      {
        pci_slot: '0000:00:03.0',
        pci_class: 'Network controller',
        driver: 'virtio-pci',
        vendor: 'Red Hat, Inc.',
        vendor_id: '0x1af4',
        model: 'Virtio network device',
        model_id: '0x1000',
        pci_class_id: '0x02',
        pci_subclass_id: '0x00',
        pci_subclass: 'Ethernet controller',
        subsystem_vendor_id: '0x1af4',
        subsystem_vendor: 'Red Hat, Inc.',
        subsystem_model_id: '0x0001',
        subsystem_model: 'Its board',
      },
    ]);
  });

  it('usb_devices, with what the device says of itself', () => {
    const sql = 'SELECT vendor, model, serial, class, removable FROM usb_devices ORDER BY usb_port';
    assert.deepEqual(set.all(sql), [
      {
        vendor: 'Linux Foundation',
        model: '2.0 root hub',
        serial: '0000:00:01.2',
        class: '9',
        removable: 0,
      },
      {
        vendor: 'Some "Maker"',
        model: 'A stick\nwith a line',
        serial: '',
        class: '255',
        removable: -1,
      },
    ]);
  });

  it('block_devices', () => {
    assert.deepEqual(set.all("SELECT * FROM block_devices WHERE name = '/dev/sda1'"), [
      {
        name: '/dev/sda1',
        parent: '/dev/sda',
        vendor: 'ATA',
        model: 'Disk 1',
        serial: 'naa.5000',
        size: 1024,
        block_size: 512,
        uuid: '0123',
        type: 'crypto_LUKS',
        label: 'a=b',
      },
    ]);
    assert.deepEqual(
      set.all('SELECT name, parent FROM block_devices ORDER BY 1').map((row) => Object.values(row)),
      [
        ['/dev/cciss/c0d0', ''],
        ['/dev/dm-0', '/dev/sda1'],
        ['/dev/dm-1', '/dev/dm-0'],
        ['/dev/dm-2', '/dev/cciss/c0d0'],
        ['/dev/sda', ''],
        ['/dev/sda1', '/dev/sda'],
      ],
    );
    for (const name of ['/dev/../../etc', '/dev/cciss/c0d0', '/dev/none', '/etc', '']) {
      const rows = set.all('SELECT name FROM block_devices WHERE name = ?', name);
      assert.deepEqual(rows, name.startsWith('/dev/cciss') ? [{ name }] : [], name);
    }
  });

  it('disk_encryption: what is made from an encrypted device is encrypted', () => {
    const sql = 'SELECT name, encrypted, type, encryption_status AS status FROM disk_encryption';
    assert.deepEqual(set.all(`${sql} WHERE encrypted ORDER BY name`), [
      { name: '/dev/dm-0', encrypted: 1, type: 'LUKS2-aes-xts-plain64', status: 'encrypted' },
      { name: '/dev/dm-1', encrypted: 1, type: 'LUKS2-aes-xts-plain64', status: 'encrypted' },
      {
        name: '/dev/dm-2',
        encrypted: 1,
        type: 'LUKS1-serpent-cbc-essiv:sha256',
        status: 'encrypted',
      },
    ]);
    assert.deepEqual(set.all(`${sql} WHERE name = '/dev/sda1'`), [
      { name: '/dev/sda1', encrypted: 0, type: '', status: 'not encrypted' },
    ]);
  });

  it('md_devices and md_drives', () => {
    const sql = `SELECT device_name, status, raid_level, size, raid_disks, failed_disks, active_disks,
      superblock_state, bitmap_chunk_size, bitmap_external_file, recovery_progress, recovery_finish,
      recovery_speed, resync_progress, unused_devices, other FROM md_devices`;
    assert.deepEqual(set.all(sql)[0], {
      device_name: 'md1',
      status: 'active (auto-read-only)',
      raid_level: 1,
      size: 4_190_208,
      raid_disks: 2,
      failed_disks: 1,
      active_disks: 1,
      superblock_state: 'clean',
      bitmap_chunk_size: '65536KB chunk',
      bitmap_external_file: '/map',
      recovery_progress: '5.6% (236416/4190208)',
      recovery_finish: '1.3min',
      recovery_speed: '47283K/sec',
      resync_progress: '',
      unused_devices: 'sdz[1]',
      other: 'super 1.2 [2/1] [U_]',
    });
    assert.equal(set.all(sql)[1]?.resync_progress, 'DELAYED');
    assert.deepEqual(set.all('SELECT drive_name, slot, state FROM md_drives'), [
      { drive_name: '/dev/sda1', slot: 0, state: 'active sync' },
      { drive_name: '/dev/sdb1', slot: -1, state: 'faulty' },
    ]);
  });

  it('msr', () => {
    assert.deepEqual(set.all('SELECT processor_number, turbo_disabled, feature_control FROM msr'), [
      { processor_number: 0, turbo_disabled: 1, feature_control: 5 },
    ]);
  });

  it('block_devices as lsblk', () => {
    const here = openTables(findStateTables('hardware'));
    const mine = here.all('SELECT name, size * 512 AS size FROM block_devices WHERE size > 0');
    here.close();
    const args = ['--all', '--bytes', '--raw', '--noheadings', '--paths', '--output', 'NAME,SIZE'];
    const { stdout } = spawnSync('lsblk', args, { encoding: 'utf8' });
    const theirs = stdout.split('\n').filter((line) => / [1-9]\d*$/.test(line));
    assert.deepEqual(
      mine.map(({ name, size }) => `${name} ${size}`).sort(),
      [...new Set(theirs)].sort(),
    );
  });

  it('cpuid as /proc/cpuinfo', function () {
    if (process.arch !== 'x64') this.skip();
    const here = openTables(findStateTables('hardware'));
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    const flags = new Set(/^flags\s*: (.*)$/m.exec(text)?.[1]?.split(' '));
    // Bits that the kernel passes on as they are.
    for (const name of ['pae', 'sse2', 'ssse3', 'aes', 'avx', 'hypervisor']) {
      const [row] = here.all('SELECT value FROM cpuid WHERE feature = ?', name);
      assert.equal(row?.value, flags.has(name) ? '1' : '0', name);
    }
    const [brand] = here.all("SELECT value FROM cpuid WHERE feature = 'product_name'");
    assert.equal(brand?.value, /^model name\s*: (.*)$/m.exec(text)?.[1]?.trim());
    here.close();
  });
});

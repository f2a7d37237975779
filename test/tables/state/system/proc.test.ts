import assert from 'node:assert/strict';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe('tables: system, from /proc', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/proc/loadavg': '0.10 2.50 31.75 3/512 4711\n',
      '/proc/meminfo':
        'MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:  8192 kB\nHugePages_Total: 0\n',
      '/proc/iomem':
        '00000000-00000fff : Reserved\n  000f0000-000fffff : PCI Bus 0000:00 : odd\nbad\n',
      '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz-6.1 root=/dev/old ro  quiet root=UUID=1-2 foo="a b"\n',
      '/proc/version': 'Linux version 6.1.0-18-amd64 (debian@x) (gcc) #1 SMP\n',
      '/proc/modules': `nf_tables 274432 12 nft_chain_nat,nft_compat, Live 0xffffffffc0a00000
e1000 155648 0 - Loading 0x0000000000000000 (OE)
cut short
`,
      '/proc/keys': `0ba81597 I--Q---     2 perm 1f3f0000     0 65534 keyring   _uid.0: empty
1c0d3d11 I------     1   3h 3f010000  1000    -1 user      a key: with : all
broken
`,
      '/proc/stat':
        'cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu12 1 2 3 4 5 6 7\nintr 5\n',
      '/proc/cpuinfo': `processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Some CPU: fast
cpu MHz\t\t: 2596.548
physical id\t: 0
cpu cores\t: 1
address sizes\t: 46 bits physical, 48 bits virtual

processor\t: 1
physical id\t: 0

processor\t: 2
vendor_id\t: GenuineIntel
physical id\t: 1

`,
      '/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq': '3500000\n',
      '/proc/sysvipc/shm': `       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap
         0      32768  3600               4096   100   200      2  1000  1000     0     0 1700000000          0 1600000000                  4096                     0
`,
      '/proc/mdstat': 'Personalities : [raid1] [raid6] [linear] \nunused devices: <none>\n',
      '/proc/self/limits': `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 524288               files     
`,
      '/proc/mounts': Buffer.concat([
        Buffer.from('/dev/mapper/root / ext4 rw,relatime 0 0\n'),
        Buffer.from('//server/a\\040b /mnt/new\\012line\\134x cifs rw 0 0\n'),
        Buffer.concat([
          Buffer.from('tmpfs /tmp/'),
          Buffer.from([0xff]),
          Buffer.from(' tmpfs rw 0 0\n'),
        ]),
        Buffer.from('short\n'),
      ]),
      '/dev/dm-0': '',
      '/dev/mapper/root': { link: '../dm-0' },
      '/proc/sys/kernel/kptr_restrict': '1\n',
      '/proc/sys/net/ipv4/conf/eth0.1/forwarding': '0\n',
      '/proc/sys/fs/binfmt_misc/empty': '',
      '/etc/passwd': 'secret\n',
      '/usr/lib/sysctl.d/50-a.conf': 'kernel.kptr_restrict = 0\n; remark\n# x = y\n',
      '/etc/sysctl.d/50-a.conf': '-kernel.kptr_restrict=2 \n',
      '/etc/sysctl.d/60-b.conf': 'net.ipv4.conf.eth0/1.forwarding = 1\nfs/binfmt_misc/empty = \n',
    });
    set = openTables([...findStateTables('system'), ...findStateTables('hardware')], root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  const value = (sql: string): unknown => Object.values(set.all(sql)[0] ?? {})[0];

  it('load_average, memory_info, memory_map', () => {
    assert.deepEqual(set.all('SELECT * FROM load_average'), [
      { period: '1m', average: '0.10' },
      { period: '5m', average: '2.50' },
      { period: '15m', average: '31.75' },
    ]);
    assert.deepEqual(
      set.all('SELECT memory_total, memory_available, memory_free, swap_free FROM memory_info'),
      [
        {
          memory_total: 16_777_216,
          memory_available: 8_388_608,
          memory_free: 1024,
          swap_free: null,
        },
      ],
    );
    assert.deepEqual(set.all('SELECT * FROM memory_map'), [
      { name: 'Reserved', start: '0x00000000', end: '0x00000fff' },
      { name: 'PCI Bus 0000:00 : odd', start: '0x000f0000', end: '0x000fffff' },
    ]);
  });

  it('kernel_info: the last root counts', () => {
    assert.deepEqual(set.all('SELECT * FROM kernel_info'), [
      {
        version: '6.1.0-18-amd64',
        arguments: 'ro quiet foo="a b"',
        path: '/vmlinuz-6.1',
        device: 'UUID=1-2',
      },
    ]);
  });

  it('kernel_modules and kernel_keys', () => {
    assert.deepEqual(set.all('SELECT * FROM kernel_modules'), [
      {
        name: 'nf_tables',
        size: 274_432,
        used_by: 'nft_chain_nat,nft_compat',
        status: 'Live',
        address: '0xffffffffc0a00000',
      },
      {
        name: 'e1000',
        size: 155_648,
        used_by: '-',
        status: 'Loading',
        address: '0x0000000000000000',
      },
    ]);
    assert.deepEqual(set.all('SELECT uid, gid, timeout, type, description FROM kernel_keys'), [
      { uid: 0, gid: 65_534, timeout: 'perm', type: 'keyring', description: '_uid.0: empty' },
      { uid: 1000, gid: -1, timeout: '3h', type: 'user', description: 'a key: with : all' },
    ]);
  });

  it('cpu_time and cpu_info', () => {
    assert.deepEqual(set.all('SELECT core, user, softirq, steal, guest_nice FROM cpu_time'), [
      { core: 0, user: 1, softirq: 7, steal: 8, guest_nice: 10 },
      { core: 12, user: 1, softirq: 7, steal: 0, guest_nice: 0 },
    ]);
    const sql = `SELECT device_id, model, number_of_cores, logical_processors, address_width,
      current_clock_speed, max_clock_speed FROM cpu_info`;
    assert.deepEqual(set.all(sql), [
      {
        device_id: '0',
        model: 'Some CPU: fast',
        number_of_cores: '1',
        logical_processors: 2,
        address_width: '46',
        current_clock_speed: 2597,
        max_clock_speed: 3500,
      },
      {
        device_id: '1',
        model: null,
        number_of_cores: '1',
        logical_processors: 1,
        address_width: null,
        current_clock_speed: null,
        max_clock_speed: null,
      },
    ]);
  });

  it('shared_memory', () => {
    assert.deepEqual(set.all('SELECT * FROM shared_memory'), [
      {
        shmid: 32_768,
        owner_uid: 1000,
        creator_uid: 0,
        pid: 200,
        creator_pid: 100,
        atime: 1_700_000_000,
        dtime: 0,
        ctime: 1_600_000_000,
        permissions: 'rw-------',
        size: 4096,
        attached: 2,
        status: 'dest',
        locked: 1,
      },
    ]);
  });

  it('md_personalities and ulimit_info', () => {
    assert.deepEqual(
      set.all('SELECT name FROM md_personalities').map(({ name }) => name),
      ['raid1', 'raid6', 'linear'],
    );
    assert.deepEqual(set.all('SELECT * FROM ulimit_info'), [
      { type: 'cpu', soft_limit: 'unlimited', hard_limit: 'unlimited' },
      { type: 'nofile', soft_limit: '1024', hard_limit: '524288' },
    ]);
  });

  it('mounts: names with anything in them, and links of devices', () => {
    const rows = set.all('SELECT device, device_alias, path, type FROM mounts');
    assert.deepEqual(rows.slice(0, 2), [
      { device: '/dev/mapper/root', device_alias: '/dev/dm-0', path: '/', type: 'ext4' },
      {
        device: '//server/a b',
        device_alias: '//server/a b',
        path: '/mnt/new\nline\\x',
        type: 'cifs',
      },
    ]);
    assert.equal(value("SELECT hex(path) FROM mounts WHERE type = 'tmpfs'"), '2F746D702FFF');
    assert.equal(rows.length, 3);
    assert.ok(Number(value("SELECT blocks FROM mounts WHERE path = '/'")) > 0);
    assert.equal(value("SELECT blocks FROM mounts WHERE type = 'cifs'"), null);
  });

  it('system_controls: values and what the configuration gives', () => {
    assert.deepEqual(
      set.all(
        'SELECT name, subsystem, current_value, config_value FROM system_controls ORDER BY 1',
      ),
      [
        { name: 'fs.binfmt_misc.empty', subsystem: 'fs', current_value: '', config_value: '' },
        {
          name: 'kernel.kptr_restrict',
          subsystem: 'kernel',
          current_value: '1',
          config_value: '2',
        },
        {
          name: 'net.ipv4.conf.eth0/1.forwarding',
          subsystem: 'net',
          current_value: '0',
          config_value: '1',
        },
      ],
    );
    const named = 'SELECT current_value FROM system_controls WHERE name = ?';
    assert.equal(set.all(named, 'kernel.kptr_restrict').length, 1);
    assert.equal(set.all(named, 'net.ipv4.conf.eth0/1.forwarding').length, 1);
    for (const name of ['', '...', 'kernel', '../../etc/passwd', '//.//.etc.passwd', 'a\0b']) {
      assert.deepEqual(set.all(named, name), [], name);
    }
    const subsystem =
      "SELECT name FROM system_controls WHERE subsystem IN ('../../etc', '.', 'fs')";
    assert.deepEqual(set.all(subsystem), [{ name: 'fs.binfmt_misc.empty' }]);
  });
});

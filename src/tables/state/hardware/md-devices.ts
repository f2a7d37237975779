import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { whole } from '../../host/parse.ts';
import { mdStat, members } from './mdstat.ts';

export const mdDevices = defineTable({
  name: 'md_devices',
  description: 'Arrays of software RAID, from /proc/mdstat and /sys',
  rows: 2,
  columns: {
    device_name: text('The array'),
    status: text('active or inactive'),
    raid_level: integer('Level: 1, 5; -1 for linear'),
    size: bigint('Kilobytes'),
    chunk_size: bigint('Bytes of a chunk'),
    raid_disks: integer('Disks that it is made for'),
    nr_raid_disks: integer('Disks that it has'),
    working_disks: integer('Disks that are not faulty'),
    active_disks: integer('Disks in sync'),
    failed_disks: integer('Faulty disks'),
    spare_disks: integer('Spare disks'),
    superblock_state: text('State of the array, as /sys calls it: clean, active, readonly'),
    superblock_version: text('Version of the superblock'),
    superblock_update_time: bigint('Not told by /sys: always NULL'),
    bitmap_on_mem: text('Pages of the bitmap in memory'),
    bitmap_chunk_size: text('Bytes that a bit of the bitmap stands for'),
    bitmap_external_file: text('File of the bitmap'),
    recovery_progress: text('Progress of a recovery'),
    recovery_finish: text('Time that it takes on'),
    recovery_speed: text('Its speed'),
    resync_progress: text('Progress of a resync'),
    resync_finish: text('Time that it takes on'),
    resync_speed: text('Its speed'),
    reshape_progress: text('Progress of a reshape'),
    reshape_finish: text('Time that it takes on'),
    reshape_speed: text('Its speed'),
    check_array_progress: text('Progress of a check'),
    check_array_finish: text('Time that it takes on'),
    check_array_speed: text('Its speed'),
    unused_devices: text('Disks that belong to no array'),
    other: text('What else the kernel says of it'),
  },
  examples: ['SELECT device_name, recovery_progress FROM md_devices WHERE failed_disks > 0'],
  *generate({ host }) {
    const { arrays, unused } = mdStat(host);
    for (const array of arrays) {
      const value = (of: string): string | undefined =>
        host.value(`/sys/block/${array.name}/md/${of}`);
      const disks = members(host, array.name);
      const count = (word: string): number =>
        disks.filter(({ state }) => state.includes(word)).length;
      const level = value('level') ?? '';
      const [recovery, resync, reshape, check] = ['recovery', 'resync', 'reshape', 'check'].map(
        (action) => array.actions.get(action),
      );
      yield {
        device_name: array.name,
        status: array.status,
        raid_level: level === 'linear' ? -1 : whole(level.replace(/^raid/, '')),
        size: array.size,
        chunk_size: value('chunk_size'),
        raid_disks: value('raid_disks')?.split(' ')[0],
        nr_raid_disks: disks.length,
        working_disks: disks.length - count('faulty'),
        active_disks: count('in_sync'),
        failed_disks: count('faulty'),
        spare_disks: count('spare'),
        superblock_state: value('array_state') ?? '',
        superblock_version: value('metadata_version') ?? '',
        bitmap_on_mem: array.bitmap[0] ?? '',
        bitmap_chunk_size: array.bitmap[1] ?? '',
        bitmap_external_file: array.bitmap[2]?.replace(/^file:\s*/, '') ?? '',
        recovery_progress: recovery?.progress ?? '',
        recovery_finish: recovery?.finish ?? '',
        recovery_speed: recovery?.speed ?? '',
        resync_progress: resync?.progress ?? '',
        resync_finish: resync?.finish ?? '',
        resync_speed: resync?.speed ?? '',
        reshape_progress: reshape?.progress ?? '',
        reshape_finish: reshape?.finish ?? '',
        reshape_speed: reshape?.speed ?? '',
        check_array_progress: check?.progress ?? '',
        check_array_finish: check?.finish ?? '',
        check_array_speed: check?.speed ?? '',
        unused_devices: unused,
        other: array.other,
      };
    }
  },
});

import { defineTable, integer, text } from '../../bridge/table.ts';
import { mdStat, members } from './mdstat.ts';

/** Words of /sys and osquery's, which are those of the old interface. */
function stateOf(words: readonly string[]): string {
  if (words.includes('faulty')) return 'faulty';
  if (words.includes('in_sync')) return 'active sync';
  return words.includes('spare') ? 'spare' : 'recovering';
}

export const mdDrives = defineTable({
  name: 'md_drives',
  description: 'Disks of software RAID, from /sys',
  rows: 4,
  columns: {
    md_device_name: text('The array'),
    drive_name: text('The disk'),
    slot: integer('Place in the array; -1 for none'),
    state: text('active sync, spare, recovering, faulty'),
  },
  examples: ["SELECT md_device_name, drive_name FROM md_drives WHERE state = 'faulty'"],
  *generate({ host }) {
    for (const array of mdStat(host).arrays) {
      for (const { name, state, slot } of members(host, array.name)) {
        yield {
          md_device_name: array.name,
          drive_name: `/dev/${name}`,
          slot: slot === 'none' || slot === '' ? -1 : slot,
          state: stateOf(state),
        };
      }
    }
  },
});

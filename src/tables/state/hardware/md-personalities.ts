import { defineTable, text } from '../../bridge/table.ts';

export const mdPersonalities = defineTable({
  name: 'md_personalities',
  description: 'Kinds of software RAID that the kernel has loaded, from /proc/mdstat',
  rows: 3,
  columns: { name: text('raid1, raid6, linear, ...') },
  examples: ['SELECT name FROM md_personalities'],
  *generate({ host }) {
    const line = host.lines('/proc/mdstat').find((each) => each.startsWith('Personalities'));
    for (const [, name] of line?.matchAll(/\[([^\]]+)\]/g) ?? []) yield { name };
  },
});

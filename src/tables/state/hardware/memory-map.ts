import { defineTable, text } from '../../bridge/table.ts';

export const memoryMap = defineTable({
  name: 'memory_map',
  description: 'What physical addresses belong to, from /proc/iomem; all 0 without privileges',
  rows: 50,
  columns: {
    name: text('What is there'),
    start: text('First address, hexadecimal'),
    end: text('Last address, hexadecimal'),
  },
  examples: ["SELECT start, end FROM memory_map WHERE name = 'System RAM'"],
  *generate({ host }) {
    for (const line of host.lines('/proc/iomem')) {
      const [, start, end, name] = /^\s*([0-9a-f]+)-([0-9a-f]+) : (.*)$/.exec(line) ?? [];
      if (name !== undefined) yield { name, start: `0x${start}`, end: `0x${end}` };
    }
  },
});

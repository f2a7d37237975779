import { bigint, defineTable, text } from '../../bridge/table.ts';

export const kernelModules = defineTable({
  name: 'kernel_modules',
  description: 'Loaded kernel modules, from /proc/modules',
  rows: 100,
  columns: {
    name: text('Module'),
    size: bigint('Bytes of memory'),
    used_by: text('Modules that need it, with commas between them; - for none'),
    status: text('Live, Loading or Unloading'),
    address: text('Where it was loaded to; 0 without privileges'),
  },
  examples: ["SELECT name, used_by FROM kernel_modules WHERE status <> 'Live'"],
  *generate({ host }) {
    for (const line of host.lines('/proc/modules')) {
      const [name, size, , users, status, address] = line.split(' ');
      if (address === undefined) continue;
      yield { name, size, used_by: users?.replace(/,$/, ''), status, address };
    }
  },
});

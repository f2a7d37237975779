import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { exactText } from '../../host/host.ts';
import { askedPids } from './pids.ts';

const COLUMNS = {
  pid: integer('Process id', { index: true, optimized: true }),
  start: text('First address, 0x and hexadecimal'),
  end: text('First address behind it'),
  permissions: text('r, w, x, and p (private) or s (shared)'),
  offset: bigint('Offset in the file'),
  device: text('Device of the file, major:minor in hexadecimal'),
  inode: integer('Inode of the file'),
  path: text('File, or a name in brackets that the kernel gives: [heap], [stack]'),
  pseudo: integer('1 for a name that is no file'),
};

/** Address, permissions, offset, device, inode; what follows the padding is the path. */
const LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) (\S+) (\d+) *(.*)$/;

export const processMemoryMap = defineTable({
  name: 'process_memory_map',
  description: 'Memory of processes, mapping by mapping, from /proc/PID/maps',
  rows: 20_000,
  columns: COLUMNS,
  examples: [
    "SELECT pid, start, permissions FROM process_memory_map WHERE permissions LIKE 'rwx%' AND path = ''",
  ],
  *generate(context) {
    for (const pid of askedPids(context)) {
      context.checkpoint();
      // Line by line in Latin-1, so that a path keeps its bytes.
      const maps = context.host.bytes(`/proc/${pid}/maps`)?.toString('latin1') ?? '';
      for (const line of maps.split('\n')) {
        const match = LINE.exec(line);
        if (match === null) continue;
        const [, start, end, permissions, offset = '', device, inode, name = ''] = match;
        const path = exactText(Buffer.from(name, 'latin1'));
        yield {
          pid,
          start: `0x${start}`,
          end: `0x${end}`,
          permissions,
          offset: BigInt(`0x${offset}`),
          device,
          inode,
          path,
          pseudo: inode === '0' && name !== '',
        };
      }
    }
  },
});

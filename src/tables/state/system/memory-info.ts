import { bigint, defineTable } from '../../bridge/table.ts';
import { keyValues } from '../../host/parse.ts';

export const memoryInfo = defineTable({
  name: 'memory_info',
  description: 'Use of memory in bytes, from /proc/meminfo',
  rows: 1,
  columns: {
    memory_total: bigint('All of it that the kernel manages'),
    memory_free: bigint('Used for nothing'),
    memory_available: bigint('What programs can have without swapping'),
    buffers: bigint('Cache of block devices'),
    cached: bigint('Cache of files'),
    swap_cached: bigint('In memory and in swap'),
    active: bigint('Used not long ago'),
    inactive: bigint('Not used for a while, taken first'),
    swap_total: bigint('Size of swap'),
    swap_free: bigint('Free swap'),
  },
  examples: ['SELECT memory_available * 100 / memory_total AS percent FROM memory_info'],
  *generate({ host }) {
    const values = keyValues(host.lines('/proc/meminfo'), ':');
    const bytes = (name: string): number | undefined => {
      const kilobytes = Number.parseInt(values.get(name) ?? '', 10);
      return Number.isNaN(kilobytes) ? undefined : kilobytes * 1024;
    };
    yield {
      memory_total: bytes('MemTotal'),
      memory_free: bytes('MemFree'),
      memory_available: bytes('MemAvailable'),
      buffers: bytes('Buffers'),
      cached: bytes('Cached'),
      swap_cached: bytes('SwapCached'),
      active: bytes('Active'),
      inactive: bytes('Inactive'),
      swap_total: bytes('SwapTotal'),
      swap_free: bytes('SwapFree'),
    };
  },
});

import { defineTable, text } from '../../bridge/table.ts';

const PERIODS = ['1m', '5m', '15m'];

export const loadAverage = defineTable({
  name: 'load_average',
  description: 'Processes that ran or waited for the disk, on average, from /proc/loadavg',
  rows: 3,
  columns: {
    period: text('1m, 5m or 15m'),
    average: text('Number of processes'),
  },
  examples: ["SELECT average FROM load_average WHERE period = '1m'"],
  *generate({ host }) {
    const averages = host.value('/proc/loadavg')?.split(' ') ?? [];
    for (const [i, period] of PERIODS.entries()) {
      if (averages[i] !== undefined) yield { period, average: averages[i] };
    }
  },
});

import { bigint, defineTable, integer } from '../../bridge/table.ts';

export const uptime = defineTable({
  name: 'uptime',
  description: 'Time since the host was started',
  rows: 1,
  columns: {
    days: integer('Whole days'),
    hours: integer('Hours of the day'),
    minutes: integer('Minutes of the hour'),
    seconds: integer('Seconds of the minute'),
    total_seconds: bigint('All of it in seconds'),
  },
  examples: ['SELECT days, hours, minutes FROM uptime'],
  *generate({ host }) {
    const total = Math.floor(Number(host.value('/proc/uptime')?.split(' ')[0]));
    if (!Number.isFinite(total)) throw new Error('/proc/uptime cannot be read');
    yield {
      days: Math.floor(total / 86_400),
      hours: Math.floor(total / 3600) % 24,
      minutes: Math.floor(total / 60) % 60,
      seconds: total % 60,
      total_seconds: total,
    };
  },
});

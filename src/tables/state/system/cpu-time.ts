import { bigint, defineTable, integer } from '../../bridge/table.ts';
import { words } from '../../host/parse.ts';

export const cpuTime = defineTable({
  name: 'cpu_time',
  description: 'Time of each processor since the start in hundredths of a second, from /proc/stat',
  rows: 8,
  columns: {
    core: integer('Number of the processor'),
    user: bigint('Programs'),
    nice: bigint('Programs of low priority'),
    system: bigint('The kernel'),
    idle: bigint('Nothing to do'),
    iowait: bigint('Nothing to do but a disk was waited for'),
    irq: bigint('Interrupts'),
    softirq: bigint('Deferred work of interrupts'),
    steal: bigint('Taken by the hypervisor'),
    guest: bigint('Guests, part of user'),
    guest_nice: bigint('Guests of low priority, part of nice'),
  },
  examples: ['SELECT core, idle * 100 / (user + system + idle) AS idle_percent FROM cpu_time'],
  *generate({ host }) {
    for (const line of host.lines('/proc/stat')) {
      const [, core, rest] = /^cpu(\d+) (.*)$/.exec(line) ?? [];
      if (rest === undefined) continue;
      const [user, nice, system, idle, iowait, irq, softirq, ...later] = words(rest);
      const [steal = 0, guest = 0, guest_nice = 0] = later;
      yield { core, user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice };
    }
  },
});

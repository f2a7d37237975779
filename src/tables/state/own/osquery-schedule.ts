import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { osqueryState } from './osquery-state.ts';

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms);
}

export const osquerySchedule = defineTable({
  name: 'osquery_schedule',
  description: 'Scheduled queries and streaming rules, and how they fare; empty without a daemon',
  columns: {
    name: text('Name of the query, with its pack'),
    query: text('The query'),
    interval: integer('Seconds between runs; 0 for a streaming rule'),
    executions: bigint(
      'Runs since the daemon started, or last read its configuration anew; of a streaming rule, times that new events could match it',
    ),
    last_executed: bigint('When it ran last, seconds since 1970; 0: not yet'),
    denylisted: integer('1 while it is left out because it crossed its limits', {
      aliases: ['blacklisted'],
    }),
    output_size: bigint('Bytes of the rows that it found'),
    wall_time: bigint('Seconds that its runs took'),
    wall_time_ms: bigint('The same in milliseconds'),
    last_wall_time_ms: bigint('Milliseconds of its last run'),
    user_time: bigint('Milliseconds of processor time in user space, of its thread'),
    last_user_time: bigint('The same of its last run'),
    system_time: bigint('Milliseconds of processor time in the kernel, of its thread'),
    last_system_time: bigint('The same of its last run'),
    average_memory: bigint(
      'Bytes by which its runs let resident memory grow, a run; of the whole process, as in osquery; NULL for a streaming rule',
    ),
    last_memory: bigint('The same of its last run'),
  },
  examples: ['SELECT name, executions, wall_time_ms FROM osquery_schedule WHERE denylisted = 1'],
  *generate(context) {
    for (const query of osqueryState(context)?.schedule ?? []) {
      const runs = Math.max(1, query.executions);
      yield {
        name: query.name,
        query: query.query,
        interval: query.interval,
        executions: query.executions,
        last_executed: query.lastExecuted,
        denylisted: query.denied,
        output_size: query.outputBytes,
        wall_time: Math.floor(query.wallMs / 1000),
        wall_time_ms: Math.round(query.wallMs),
        last_wall_time_ms: Math.round(query.lastWallMs),
        user_time: rounded(query.cpu?.userMs),
        last_user_time: rounded(query.lastCpu?.userMs),
        system_time: rounded(query.cpu?.systemMs),
        last_system_time: rounded(query.lastCpu?.systemMs),
        average_memory: query.grown === null ? null : Math.round(query.grown / runs),
        last_memory: query.lastGrown,
      };
    }
  },
});

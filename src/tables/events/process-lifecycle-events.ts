import { column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

export const PROCESS_LIFECYCLE_EVENTS: EventTableSpec = {
  name: 'process_lifecycle_events',
  description: 'Every process that was forked or ended (threads are not processes)',
  class: 'lifecycle',
  columns: [
    column('action', 'TEXT', 'fork or exit'),
    column('pid', 'BIGINT', 'Process id; of the child for fork'),
    column('path', 'TEXT', 'Executable it runs'),
    column('cmdline', 'TEXT', 'Arguments it was started with'),
    column('parent', 'BIGINT', 'Process id of the parent'),
    column('exit_code', 'BIGINT', 'Code given to exit; NULL for fork and death by signal'),
    column('exit_signal', 'BIGINT', 'Signal that ended it; NULL otherwise'),
    column('start_ntime', 'BIGINT', 'When the process began, nanoseconds since 1970', {
      from: 'start_time_ns',
    }),
    column('duration_ns', 'BIGINT', 'How long it lived; NULL for fork'),
    column('clone_flags', 'BIGINT', 'Flags of clone(2); NULL for exit'),
    ...ACTOR_IDS,
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    TIME,
    UPTIME,
    EID,
    ...OWN,
    column('ns_pid', 'BIGINT', 'Process id as the process sees it', { hidden: true }),
    column('pid_ns', 'BIGINT', 'Process id namespace', { hidden: true }),
    column('syscall', 'TEXT', 'System call', { hidden: true }),
  ],
  examples: ['SELECT path, exit_signal FROM process_lifecycle_events WHERE exit_signal IN (6, 11)'],
};

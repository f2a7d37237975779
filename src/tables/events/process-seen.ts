import { column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

export const PROCESS_SEEN: EventTableSpec = {
  name: 'process_seen',
  description:
    'One row per image (exec_id) when first met: at exec, at start of weir, or in an event. Join it on exec_id and nothing misses',
  class: 'seen',
  columns: [
    column(
      'reason',
      'TEXT',
      'How it was met: exec, fork, seed (ran when weir started, or when lost records were made up for), event',
    ),
    column('pid', 'BIGINT', 'Process id'),
    column('path', 'TEXT', 'Executable'),
    column('cmdline', 'TEXT', 'Arguments joined with one space'),
    column('json_cmdline', 'TEXT', 'Arguments as a JSON array', { hidden: true }),
    column('cwd', 'TEXT', 'Working directory'),
    column('parent', 'BIGINT', 'Process id of the parent'),
    column('parent_path', 'TEXT', 'Executable of the parent'),
    column('start_ntime', 'BIGINT', 'When the process began, nanoseconds since 1970', {
      from: 'start_time_ns',
    }),
    column('tty', 'TEXT', 'Controlling terminal'),
    column('session_id', 'BIGINT', 'Session (setsid)'),
    column('pgid', 'BIGINT', 'Process group', { hidden: true }),
    column('pid_ns', 'BIGINT', 'Process id namespace', { hidden: true }),
    column('syscall', 'TEXT', 'System call', { hidden: true }),
    ...ACTOR_IDS,
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    TIME,
    UPTIME,
    EID,
    ...OWN,
  ],
  examples: [
    'SELECT s.remote_address, p.path, p.cmdline FROM socket_events s JOIN process_seen p USING (exec_id)',
  ],
};

import { type ColumnSpec, column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

const evidence = (name: string, what: string): ColumnSpec =>
  column(name, 'BIGINT', `${what}; NULL where the verdict is not about such things`);

export const BEHAVIOR_EVENTS: EventTableSpec = {
  name: 'behavior_events',
  description:
    'Verdicts: what a process tree or a cgroup did within a sliding window has crossed a threshold, as counted in the kernel. The counts are the evidence up to the event that crossed it',
  class: 'behavior',
  columns: [
    column(
      'action',
      'TEXT',
      'What it looks like: ransomware, mass_rename, mass_delete, mass_rewrite, port_sweep, address_sweep, exec_burst, setuid_burst',
    ),
    column('pid', 'BIGINT', 'Process whose event was the last one'),
    column('path', 'TEXT', 'Executable of that process'),
    column('scope', 'TEXT', 'What was counted: tree (a process group) or cgroup'),
    column('tree', 'BIGINT', 'The process group; NULL when a cgroup was counted'),
    column('threshold', 'BIGINT', 'What was crossed'),
    column('window_ms', 'BIGINT', 'The counts are of at most so long ago, milliseconds'),
    evidence(
      'converted',
      'Files that were rewritten or read and then got another extension, or gave way to a new file with one',
    ),
    evidence('renamed', 'Files renamed, but for those that the tree had created itself'),
    evidence('extended', 'Of those, files that got another extension'),
    evidence('deleted', 'Files deleted, but for those that the tree had created itself'),
    evidence('erased', 'Of those, files that it had read or rewritten before'),
    evidence(
      'rewritten',
      'Files opened for writing after they were read or for both, or replaced after they were read',
    ),
    evidence('created', 'Files created'),
    evidence('folders_removed', 'Folders removed'),
    evidence('directories', 'Distinct folders of those files, an estimate'),
    evidence('connects', 'Connections of streams, tried or made'),
    evidence('addresses', 'Distinct remote addresses of those, an estimate'),
    evidence('ports', 'Distinct remote ports of those, an estimate'),
    evidence('execs', 'Programs begun'),
    evidence('setuids', 'Of those, with another effective than real user'),
    column('extension', 'TEXT', 'The newest extension that files were given, up to 8 bytes'),
    column(
      'asked',
      'TEXT',
      'What the kernel program was to do about it at once: kill, stop; NULL: nothing',
    ),
    column('outcome', 'TEXT', 'What became of that: done, dry_run, refused'),
    column('refusal', 'TEXT', 'Why it was refused: init, weir, protected, rate_limit, failed'),
    ...ACTOR_IDS,
    column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
    column('parent', 'BIGINT', 'Process id of the parent'),
    TIME,
    UPTIME,
    EID,
    ...OWN,
    column('syscall', 'TEXT', 'Never known: a verdict is on many calls', { hidden: true }),
  ],
  examples: [
    "SELECT time, action, pid, path, converted, directories, extension FROM behavior_events WHERE scope = 'tree'",
    'SELECT b.action, b.pid, p.cmdline FROM behavior_events b JOIN process_seen p USING (exec_id)',
  ],
};

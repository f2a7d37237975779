import { bigint, defineTable, text } from '../../bridge/table.ts';
import { objectPath, systemdJobs, systemdUnits } from './systemd.ts';

export const systemdUnitsTable = defineTable({
  name: 'systemd_units',
  description: 'Units that systemd has in memory, from systemctl; none where systemd does not run',
  rows: 200,
  columns: {
    id: text('Name of the unit'),
    description: text('What it is'),
    load_state: text('Whether its file could be read: loaded, not-found, masked'),
    active_state: text('active, inactive, failed, ...'),
    sub_state: text('The same in the words of its type: running, exited, mounted'),
    unit_file_state: text('enabled, disabled, static, ...'),
    following: text('Unit whose state it follows'),
    object_path: text('Its path in D-Bus'),
    job_id: bigint('Job that waits; 0 for none'),
    job_type: text('Type of the job: start, stop, restart'),
    job_path: text('Path of the job in D-Bus; / for none'),
    fragment_path: text('File that it comes from'),
    user: text('User that the service runs as'),
    source_path: text('File that its file was made from: fstab, a script of init.d'),
  },
  examples: [
    "SELECT id, sub_state, fragment_path FROM systemd_units WHERE active_state = 'failed'",
  ],
  *generate(context) {
    const units = systemdUnits(context);
    const busy = units.some((unit) => Number(unit.get('Job') ?? 0) > 0);
    const jobs = busy ? systemdJobs(context) : new Map<string, string>();
    for (const unit of units) {
      const id = unit.get('Id') ?? '';
      const job = unit.get('Job') || '0';
      yield {
        id,
        description: unit.get('Description'),
        load_state: unit.get('LoadState'),
        active_state: unit.get('ActiveState'),
        sub_state: unit.get('SubState'),
        unit_file_state: unit.get('UnitFileState') ?? '',
        following: unit.get('Following') ?? '',
        object_path: objectPath(id),
        job_id: job,
        job_type: jobs.get(job) ?? '',
        job_path: job === '0' ? '/' : `/org/freedesktop/systemd1/job/${job}`,
        fragment_path: unit.get('FragmentPath') ?? '',
        user: unit.get('User') ?? '',
        source_path: unit.get('SourcePath') ?? '',
      };
    }
  },
});

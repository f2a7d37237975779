import type { OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';
import type { Containers } from './containers.ts';
import type { StreamGuard } from './guard.ts';
import type { UserNames } from './user-names.ts';

export interface EnrichOptions {
  readonly guard: StreamGuard;
  readonly users: Pick<UserNames, 'nameOf'>;
  readonly containers: Pick<Containers, 'idOf'>;
}

/**
 * Fills `username` (of uid) and `container_id`. Parent path and cmdline are filled
 * by the sensor's decoder, where the process cache is (docs/decisions/enrichment.md).
 *
 * ```
 * source  --a---b---c--|
 * enrich  --a---b---c--|   same batches, with two more columns
 * ```
 */
export function enrich(options: EnrichOptions): OperatorFunction<EventBatch, EventBatch> {
  return options.guard.each('enrich', (batch) => {
    fillUsernames(batch, options.users);
    fillContainers(batch, options.containers);
  });
}

function fillUsernames(batch: EventBatch, users: EnrichOptions['users']): void {
  const uids = batch.u32('uid');
  const codes = new Uint32Array(batch.rows);
  const values: string[] = [''];
  const known = new Map<number, number>();
  let last = -1;
  let code = 0;
  for (let r = 0; r < uids.length; r++) {
    const uid = uids[r] as number;
    if (uid !== last) {
      last = uid;
      code = known.get(uid) ?? -1;
      if (code < 0) {
        const name = users.nameOf(uid);
        code = name === undefined ? 0 : values.push(name) - 1;
        known.set(uid, code);
      }
    }
    codes[r] = code;
  }
  if (values.length > 1) batch.setColumn('username', codes, values);
}

function fillContainers(batch: EventBatch, containers: EnrichOptions['containers']): void {
  const cgroups = batch.halves('cgroup_id');
  const processes = batch.halves('process_id');
  const mntNs = batch.u32('mnt_ns');
  const pids = batch.u32('pid');
  const values: string[] = [''];
  const known = new Map<string, number>();
  let codes: Uint32Array | undefined;
  let last = -1;
  let code = 0;
  for (let r = 0; r < batch.rows; r++) {
    const low = 2 * r;
    const high = low + 1;
    // Rows of one process follow each other, mostly.
    const same =
      last >= 0 &&
      cgroups[low] === cgroups[2 * last] &&
      cgroups[high] === cgroups[2 * last + 1] &&
      processes[low] === processes[2 * last] &&
      processes[high] === processes[2 * last + 1] &&
      mntNs[r] === mntNs[last];
    last = r;
    if (!same) {
      const id = containers.idOf({
        cgroupLow: cgroups[low] as number,
        cgroupHigh: cgroups[high] as number,
        processLow: processes[low] as number,
        processHigh: processes[high] as number,
        mntNs: mntNs[r] as number,
        pid: pids[r] as number,
      });
      code = id === '' ? 0 : (known.get(id) ?? values.push(id) - 1);
      if (code !== 0) known.set(id, code);
    }
    if (code === 0) continue;
    codes ??= new Uint32Array(batch.rows);
    codes[r] = code;
  }
  if (codes !== undefined) batch.setColumn('container_id', codes, values);
}

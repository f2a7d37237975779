import type { OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';
import { type CgroupPaths, cgroupKey } from './cgroup-paths.ts';
import { containerOf } from './container-id.ts';
import type { StreamGuard } from './guard.ts';
import type { UserNames } from './user-names.ts';

export interface EnrichOptions {
  readonly guard: StreamGuard;
  readonly users: Pick<UserNames, 'nameOf'>;
  readonly cgroups: Pick<CgroupPaths, 'pathOf'>;
}

/** Cgroups whose container is remembered; the answer for an id never changes once it is known. */
const MAX_KNOWN = 16_384;

/**
 * Fills `username` (of uid) and `container_id` (of cgroup_id). Parent path and cmdline are filled
 * by the sensor's decoder, where the process cache is (docs/decisions/enrichment.md).
 *
 * ```
 * source  --a---b---c--|
 * enrich  --a---b---c--|   same batches, with two more columns
 * ```
 */
export function enrich(options: EnrichOptions): OperatorFunction<EventBatch, EventBatch> {
  const containers = new Map<number | string, string>();
  return options.guard.each('enrich', (batch) => {
    fillUsernames(batch, options.users);
    fillContainers(batch, options.cgroups, containers);
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

function fillContainers(
  batch: EventBatch,
  cgroups: EnrichOptions['cgroups'],
  containers: Map<number | string, string>,
): void {
  const ids = batch.halves('cgroup_id');
  const pids = batch.u32('pid');
  const values: string[] = [''];
  const known = new Map<number | string, number>();
  let codes: Uint32Array | undefined;
  let lastLow = 0;
  let lastHigh = 0;
  let code = 0;
  for (let r = 0; r < batch.rows; r++) {
    const low = ids[2 * r] as number;
    const high = ids[2 * r + 1] as number;
    if (low !== lastLow || high !== lastHigh) {
      lastLow = low;
      lastHigh = high;
      const key = cgroupKey(low, high);
      code = known.get(key) ?? -1;
      if (code < 0) {
        const id = containerId(key, low, high, pids[r] as number, cgroups, containers);
        code = id === '' ? 0 : values.push(id) - 1;
        known.set(key, code);
      }
    }
    if (code === 0) continue;
    codes ??= new Uint32Array(batch.rows);
    codes[r] = code;
  }
  if (codes !== undefined) batch.setColumn('container_id', codes, values);
}

/** '' for the host. */
function containerId(
  key: number | string,
  low: number,
  high: number,
  pid: number,
  cgroups: EnrichOptions['cgroups'],
  containers: Map<number | string, string>,
): string {
  const known = containers.get(key);
  if (known !== undefined) return known;
  const path = cgroups.pathOf(low, high, pid);
  if (path === undefined) return '';
  const id = containerOf(path)?.id ?? '';
  if (containers.size >= MAX_KNOWN) containers.clear();
  containers.set(key, id);
  return id;
}

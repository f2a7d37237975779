import type { EventBatch } from '../sensor/batch.ts';
import type { ContainerFacts } from './container-names.ts';
import type { Containers } from './containers.ts';

/** Upper word of NULL: nobody's cgroup. */
const NULL_HIGH = 0x80000000;

/** Containers of a batch, the first undefined for the host, and which one each row is of. */
export interface ContainersMet {
  readonly facts: readonly (ContainerFacts | undefined)[];
  readonly rows: Uint32Array;
}

/** Undefined: all rows are of the host, for what is known. */
export function containersOf(
  batch: EventBatch,
  containers: Pick<Containers, 'factsOf'>,
): ContainersMet | undefined {
  const cgroups = batch.halves('cgroup_id');
  const processes = batch.halves('process_id');
  const mntNs = batch.u32('mnt_ns');
  const pids = batch.u32('pid');
  const facts: (ContainerFacts | undefined)[] = [undefined];
  const known = new Map<ContainerFacts, number>();
  let rows: Uint32Array | undefined;
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
    if (cgroups[low] === 0 && cgroups[high] === NULL_HIGH) code = 0;
    else if (!same) {
      const found = containers.factsOf({
        cgroupLow: cgroups[low] as number,
        cgroupHigh: cgroups[high] as number,
        processLow: processes[low] as number,
        processHigh: processes[high] as number,
        mntNs: mntNs[r] as number,
        pid: pids[r] as number,
      });
      code = found === undefined ? 0 : (known.get(found) ?? facts.push(found) - 1);
      if (found !== undefined) known.set(found, code);
    }
    if (code === 0) continue;
    rows ??= new Uint32Array(batch.rows);
    rows[r] = code;
  }
  return rows === undefined ? undefined : { facts, rows };
}

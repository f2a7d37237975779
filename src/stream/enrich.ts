import type { OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';
import { containersOf } from './batch-containers.ts';
import type { ContainerFacts } from './container-names.ts';
import type { Containers } from './containers.ts';
import type { StreamGuard } from './guard.ts';
import type { UserNames } from './user-names.ts';

export interface EnrichOptions {
  readonly guard: StreamGuard;
  readonly users: Pick<UserNames, 'nameOf'>;
  readonly containers: Pick<Containers, 'factsOf'>;
}

/**
 * Fills `username` (of uid), `container_id` and what the container is called. Parent path and cmdline are filled
 * by the sensor's decoder, where the process cache is (docs/decisions/enrichment.md).
 *
 * ```
 * source  --a---b---c--|
 * enrich  --a---b---c--|   same batches, with more columns
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

/** Columns by what they tell of a container. */
const CONTAINER_COLUMNS: readonly (readonly [string, keyof ContainerFacts])[] = [
  ['container_id', 'id'],
  ['container_name', 'name'],
  ['container_image', 'image'],
  ['container_runtime', 'runtime'],
  ['pod_name', 'podName'],
  ['pod_namespace', 'podNamespace'],
  ['pod_uid', 'podUid'],
];

function fillContainers(batch: EventBatch, containers: EnrichOptions['containers']): void {
  const met = containersOf(batch, containers);
  if (met === undefined) return;
  for (const [column, key] of CONTAINER_COLUMNS) {
    const values = [''];
    const codeOf = new Map([['', 0]]);
    const codes = met.facts.map((facts) => {
      const value = facts?.[key] ?? '';
      const code = codeOf.get(value) ?? values.push(value) - 1;
      codeOf.set(value, code);
      return code;
    });
    if (values.length === 1) continue;
    // Of one container in the batch, all columns have the same codes.
    const same = codes.every((code, i) => code === i);
    batch.setColumn(column, same ? met.rows : met.rows.map((i) => codes[i] as number), values);
  }
}

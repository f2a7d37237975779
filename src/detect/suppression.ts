import type { ResultStore } from '../results/store.ts';
import type { RunRecord } from '../results/types.ts';

/** Whether an exclusion says that nothing is to be made of a rule's row. */
export type Hides = (rule: string, row: Readonly<Record<string, unknown>>) => boolean;

/**
 * A store that keeps from the results, and so from the detections, what exclusions of detections
 * hold for. The query has seen it all the same: what is hidden once does not come up again later.
 */
export function suppressing(store: ResultStore, hides: Hides): ResultStore {
  const commit: ResultStore['commit'] = (...runs) =>
    store.commit(...runs.map((run) => without(run, hides)));
  return new Proxy(store, {
    get: (target, key) => {
      if (key === 'commit') return commit;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function without(run: RunRecord, hides: Hides): RunRecord {
  if (run.rule === undefined) return run;
  const rows = run.rows.filter(
    ({ action, columns }) =>
      action === 'removed' || !hides(run.name, JSON.parse(columns) as Record<string, unknown>),
  );
  return rows.length === run.rows.length ? run : { ...run, rows };
}

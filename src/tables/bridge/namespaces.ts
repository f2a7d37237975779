import { readlinkSync } from 'node:fs';
import { Host } from '../host/host.ts';
import type { Constraint } from './context.ts';
import type { Columns, RowOf, StateTable } from './table.ts';

/** Processes whose root a query wants to look into; undefined: the host's own. */
export function namespacePids(
  table: StateTable,
  constraints: ReadonlyMap<string, readonly Constraint[]>,
): readonly number[] | undefined {
  if (table.columns.pid_with_namespace === undefined) return undefined;
  const asked = constraints.get('pid_with_namespace')?.find(({ operator }) => operator === '=');
  return asked?.values.map(Number).filter((pid) => Number.isSafeInteger(pid));
}

function mountNamespace(pid: number): string | undefined {
  try {
    return /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/mnt`))?.[1];
  } catch {
    return undefined;
  }
}

/** The rows that `make` finds below the root of each process, with the two columns filled. 0 is
 * the host, as in osquery. */
export function* inNamespaces(
  pids: readonly number[],
  root: string,
  warn: (message: string) => void,
  make: (host: Host) => Iterable<RowOf<Columns>>,
): Iterable<RowOf<Columns>> {
  for (const pid of pids) {
    const host = pid === 0 ? new Host(root, warn) : new Host(`${root}/proc/${pid}/root`, warn);
    const mount_namespace_id = pid === 0 ? undefined : mountNamespace(pid);
    for (const row of make(host)) yield { ...row, pid_with_namespace: pid, mount_namespace_id };
  }
}

import type { TableContext } from '../../bridge/context.ts';

/** Processes that a query asks about: those of `pid = ...`, or all that there are. */
export function askedPids(context: TableContext<'pid'>): readonly number[] {
  const asked = context.integers('pid');
  return asked === undefined ? context.host.pids() : asked.filter((pid) => pid > 0);
}

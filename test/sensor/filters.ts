import type { KernelFilters } from '../../src/sensor/native.ts';

/** Everything, filtered by nothing. */
export const COLLECT_ALL: KernelFilters = {
  classes: 0b1111,
  onlyCgroups: [],
  onlyExecutables: [],
  excludeCgroups: [],
  excludeExecutables: [],
  excludeUids: [],
  excludePorts: [],
  excludePrefixes: [],
  readPrefixes: [],
  unixSockets: true,
  sendWindowMs: 10_000,
  repeatBurst: 0,
  repeatIntervalMs: 0,
  treeRate: 0,
  cgroupRate: 0,
  rateBurst: 0,
};

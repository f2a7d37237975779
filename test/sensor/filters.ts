import { BEHAVIORS } from '../../src/config/behaviors.ts';
import type { KernelFilters } from '../../src/native/sensor.ts';

/** Everything, filtered by nothing. */
export const COLLECT_ALL: KernelFilters = {
  classes: 0b1111,
  onlyCgroups: [],
  onlyExecutables: [],
  excludeCgroups: [],
  excludeExecutables: [],
  excludeUids: [],
  excludePorts: [],
  excludeAddresses: [],
  excludePrefixes: [],
  readPrefixes: [],
  unixSockets: true,
  sendWindowMs: 10_000,
  repeatBurst: 0,
  repeatIntervalMs: 0,
  treeRate: 0,
  cgroupRate: 0,
  rateBurst: 0,
  behavior: {
    fileWindowMs: 10_000,
    socketWindowMs: 10_000,
    execWindowMs: 1000,
    thresholds: Object.values(BEHAVIORS),
    cgroupFactor: 4,
    respond: false,
    kill: 0,
    stop: 0,
    dryRun: false,
    limit: 10,
    limitIntervalMs: 60_000,
    protectedExecutables: [],
  },
};

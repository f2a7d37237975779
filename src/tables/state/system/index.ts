import type { StateTable } from '../../bridge/table.ts';
import { cpuInfo } from './cpu-info.ts';
import { cpuTime } from './cpu-time.ts';
import { kernelInfo } from './kernel-info.ts';
import { kernelKeys } from './kernel-keys.ts';
import { kernelModules } from './kernel-modules.ts';
import { loadAverage } from './load-average.ts';
import { mdPersonalities } from './md-personalities.ts';
import { memoryInfo } from './memory-info.ts';
import { memoryMap } from './memory-map.ts';
import { mounts } from './mounts.ts';
import { osVersion } from './os-version.ts';
import { sharedMemory } from './shared-memory.ts';
import { systemControls } from './system-controls.ts';
import { time } from './time.ts';
import { ulimitInfo } from './ulimit-info.ts';
import { uptime } from './uptime.ts';

export const SYSTEM_TABLES: readonly StateTable[] = [
  cpuInfo,
  cpuTime,
  kernelInfo,
  kernelKeys,
  kernelModules,
  loadAverage,
  mdPersonalities,
  memoryInfo,
  memoryMap,
  mounts,
  osVersion,
  sharedMemory,
  systemControls,
  time,
  ulimitInfo,
  uptime,
];

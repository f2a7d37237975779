import type { StateTable } from '../../bridge/table.ts';
import { cpuTime } from './cpu-time.ts';
import { kernelInfo } from './kernel-info.ts';
import { kernelKeys } from './kernel-keys.ts';
import { kernelModules } from './kernel-modules.ts';
import { loadAverage } from './load-average.ts';
import { memoryInfo } from './memory-info.ts';
import { mounts } from './mounts.ts';
import { osVersion } from './os-version.ts';
import { secureboot } from './secureboot.ts';
import { selinuxSettings } from './selinux-settings.ts';
import { sharedMemory } from './shared-memory.ts';
import { startupItems } from './startup-items.ts';
import { systemControls } from './system-controls.ts';
import { systemdUnitsTable } from './systemd-units.ts';
import { time } from './time.ts';
import { ulimitInfo } from './ulimit-info.ts';
import { uptime } from './uptime.ts';

export const SYSTEM_TABLES: readonly StateTable[] = [
  cpuTime,
  kernelInfo,
  kernelKeys,
  kernelModules,
  loadAverage,
  memoryInfo,
  mounts,
  osVersion,
  sharedMemory,
  systemControls,
  time,
  ulimitInfo,
  secureboot,
  selinuxSettings,
  startupItems,
  systemdUnitsTable,
  uptime,
];

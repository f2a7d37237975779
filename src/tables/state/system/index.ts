import type { StateTable } from '../../bridge/table.ts';
import { osVersion } from './os-version.ts';
import { uptime } from './uptime.ts';

export const SYSTEM_TABLES: readonly StateTable[] = [osVersion, uptime];

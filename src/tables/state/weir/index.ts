import type { StateTable } from '../../bridge/table.ts';
import { weirHealth } from './weir-health.ts';

export const WEIR_TABLES: readonly StateTable[] = [weirHealth];

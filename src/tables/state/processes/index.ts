import type { StateTable } from '../../bridge/table.ts';
import { processes } from './processes.ts';

export const PROCESS_TABLES: readonly StateTable[] = [processes];

import type { StateTable } from '../../bridge/table.ts';
import { groups } from './groups.ts';
import { users } from './users.ts';

export const USER_TABLES: readonly StateTable[] = [groups, users];

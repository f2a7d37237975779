import type { StateTable } from '../../bridge/table.ts';
import { file } from './file.ts';
import { hash } from './hash.ts';
import { suidBin } from './suid-bin.ts';

export const FILE_TABLES: readonly StateTable[] = [file, hash, suidBin];

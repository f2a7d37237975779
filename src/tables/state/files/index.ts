import type { StateTable } from '../../bridge/table.ts';
import { extendedAttributes } from './extended-attributes.ts';
import { file } from './file.ts';
import { hash } from './hash.ts';
import { magic } from './magic.ts';
import { suidBin } from './suid-bin.ts';
import { yaraFile } from './yara-file.ts';
import { yaraProcess } from './yara-process.ts';

export const FILE_TABLES: readonly StateTable[] = [
  extendedAttributes,
  file,
  hash,
  magic,
  suidBin,
  yaraFile,
  yaraProcess,
];

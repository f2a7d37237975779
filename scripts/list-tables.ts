/** Run by the build: writes build/generated/state-tables.json (see src/tables/state/index.ts). */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listStateTables } from '../src/tables/find-state-tables.ts';
import { TABLE_LIST } from '../src/tables/state/index.ts';

const path = fileURLToPath(TABLE_LIST);
mkdirSync(dirname(path), { recursive: true });
// Renamed into place: a daemon that starts meanwhile reads a whole list.
writeFileSync(`${path}.new`, JSON.stringify(listStateTables()));
renameSync(`${path}.new`, path);

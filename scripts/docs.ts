/**
 * `npm run docs`: writes docs/tables.md from the table specifications. With --check it writes
 * nothing and fails when the file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tableReference } from '../src/tables/docs.ts';

const path = new URL('../docs/tables.md', import.meta.url);
const wanted = tableReference();

if (process.argv.includes('--check')) {
  let present = '';
  try {
    present = readFileSync(path, 'utf8');
  } catch {
    // Missing is out of date too.
  }
  if (present !== wanted) {
    process.stderr.write('docs/tables.md is out of date: run `npm run docs`.\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, wanted);
}

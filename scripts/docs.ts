/**
 * `npm run docs`: writes docs/tables.md from the table specifications and docs/rules.md from the shipped
 * packs. With --check it writes nothing and fails when one is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ruleReference } from '../src/detect/rule-reference.ts';
import { tableReference } from '../src/tables/docs.ts';

const QUERIES = fileURLToPath(new URL('../queries/', import.meta.url));
const wanted = {
  'docs/tables.md': tableReference(),
  'docs/rules.md': ruleReference(QUERIES, readdirSync(QUERIES).sort()),
};

for (const [name, text] of Object.entries(wanted)) {
  const path = new URL(`../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    continue;
  }
  let present = '';
  try {
    present = readFileSync(path, 'utf8');
  } catch {
    // Missing is out of date too.
  }
  if (present !== text) {
    process.stderr.write(`${name} is out of date: run \`npm run docs\`.\n`);
    process.exitCode = 1;
  }
}

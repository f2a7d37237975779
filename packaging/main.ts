/**
 * `npm run package [-- deb|rpm ...]`: writes the packages to build/package. What is packed is the
 * build of this checkout; file times are those of the last commit (or SOURCE_DATE_EPOCH).
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDeb } from './deb.ts';
import { buildRpm } from './rpm.ts';
import { run } from './run.ts';
import type { Release } from './tree.ts';

const KINDS = { deb: buildDeb, rpm: buildRpm };

function releaseOf(root: string): Release {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const said = process.env.SOURCE_DATE_EPOCH;
  const time = Number(said ?? run('git', ['log', '-1', '--format=%ct'], { cwd: root }).trim());
  if (!Number.isSafeInteger(time)) throw new Error(`SOURCE_DATE_EPOCH is not a number: ${said}`);
  return { root, version, time, level: 6 };
}

function main(words: readonly string[]): number {
  const unknown = words.find((word) => !Object.hasOwn(KINDS, word));
  if (unknown !== undefined) {
    process.stderr.write(
      `package: unknown kind ${unknown}\nusage: npm run package [-- deb|rpm ...]\n`,
    );
    return 64;
  }
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const release = releaseOf(root);
  const out = join(root, 'build/package');
  mkdirSync(out, { recursive: true });
  const kinds = words.length > 0 ? words : Object.keys(KINDS);
  for (const kind of kinds as (keyof typeof KINDS)[]) {
    const path = KINDS[kind](release, join(out, 'work'), out);
    process.stdout.write(`${path} ${(statSync(path).size / 1e6).toFixed(1)} MB\n`);
  }
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`package: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

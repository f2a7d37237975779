import { readdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { WeirError } from '../config/errors.ts';
import { problemText } from '../config/problems.ts';
import { type Compatibility, openCompatibility, type Tried } from '../detect/compatibility.ts';
import { loadPackFile } from '../detect/pack.ts';
import { safeText } from './output/safe-text.ts';

const IS_PACK = /\.(?:conf|json|jsonc)$/;

const say = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);

/**
 * Files of a pack; of a folder those that end in .conf, .json or .jsonc.
 *
 * @throws WeirError PACK_UNREADABLE
 */
function packFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => IS_PACK.test(name));
    if (names.length > 0) return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw new WeirError('PACK_UNREADABLE', `${path}: ${(cause as Error).message}`, { cause });
  }
  throw new WeirError('PACK_UNREADABLE', `${path}: no file in it ends in .conf, .json or .jsonc`);
}

function verdictText({ verdict }: Tried): string {
  switch (verdict.kind) {
    case 'runs':
      return `runs     ${verdict.rows} ${verdict.rows === 1 ? 'row' : 'rows'}, ${verdict.wallMs.toFixed(1)} ms`;
    case 'missing': {
      const hint = verdict.hint === undefined ? '' : ` (${verdict.hint})`;
      return `missing  ${verdict.what}${hint}`;
    }
    default:
      return `${verdict.kind.padEnd(7)}  ${verdict.why}`;
  }
}

function checkFile(file: string, compatibility: Compatibility, missing: Map<string, number>) {
  const pack = loadPackFile(file, { hostname: hostname(), delimiter: '/', defaultInterval: 3600 });
  const problems = pack.problems.filter(({ severity }) => severity === 'error');
  const tried = pack.queries.map((query) => {
    const one = compatibility.try(query);
    say(`  ${one.name.replace(/^pack\/[^/]*\//, '')}: ${verdictText(one)}`);
    const { verdict } = one;
    if (verdict.kind === 'runs') for (const each of verdict.warnings) say(`    warning: ${each}`);
    if (verdict.kind === 'missing') {
      missing.set(verdict.what, (missing.get(verdict.what) ?? 0) + 1);
    }
    return one;
  });
  for (const problem of problems) say(`  ${problemText(problem, file)}`);
  const running = tried.filter(({ verdict }) => verdict.kind === 'runs').length;
  return { all: tried.length, running, problems: problems.length };
}

/**
 * `weir pack check --compat`: runs every query that is meant for this host, and says what is
 * missing. Returns 0 when all ran, else 1.
 */
export function compatReport(paths: readonly string[], store: string | undefined): number {
  const files = paths.flatMap(packFiles);
  const compatibility = openCompatibility(store);
  const missing = new Map<string, number>();
  const sum = { all: 0, running: 0, problems: 0 };
  try {
    for (const file of files) {
      say(file);
      const found = checkFile(file, compatibility, missing);
      say(`  ${found.running} of ${found.all} queries for this host run`);
      for (const key of ['all', 'running', 'problems'] as const) sum[key] += found[key];
    }
  } finally {
    compatibility.close();
  }
  for (const [what, count] of [...missing].sort()) {
    say(`${what}: ${count} ${count === 1 ? 'query' : 'queries'}`);
  }
  say(`${sum.running} of ${sum.all} queries run; ${missing.size} names missing`);
  return sum.running === sum.all && sum.problems === 0 ? 0 : 1;
}

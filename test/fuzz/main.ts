/** `npm run fuzz -- blocks|lines [--seconds N]`: inputs and crashes are kept in build/fuzz. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Fuzzer, TARGET_NAMES, type TargetName } from './fuzzer.ts';

const USAGE = `usage: npm run fuzz -- ${TARGET_NAMES.join('|')} [--seconds N]\n`;
const GENERATE = new URL('../../addon/generate.ts', import.meta.url).pathname;
const FOLDER = new URL('../../build/fuzz', import.meta.url).pathname;

interface Wanted {
  readonly target: TargetName;
  readonly seconds: number;
}

function wantedOf(args: string[]): Wanted | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '300' } },
    });
    const target = TARGET_NAMES.find((name) => name === positionals.join(' '));
    if (target === undefined || !/^[1-9]\d{0,5}$/.test(values.seconds)) return null;
    return { target, seconds: Number(values.seconds) };
  } catch {
    return null;
  }
}

const wanted = wantedOf(process.argv.slice(2));
if (wanted === null) {
  process.stderr.write(USAGE);
  process.exitCode = 64;
} else {
  const { target, seconds } = wanted;
  const folder = join(FOLDER, target);
  execFileSync(process.execPath, [GENERATE]);
  mkdirSync(folder, { recursive: true });
  const { clean } = new Fuzzer(target, folder).run(seconds, true);
  process.stdout.write(clean ? `clean for ${seconds} s\n` : `what crashed lies in ${folder}\n`);
  process.exitCode = clean ? 0 : 1;
}

/** `npm run fuzz -- blocks [--seconds N]`: inputs and crashes are kept in build/fuzz/blocks. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { BlockFuzzer } from './fuzzer.ts';

const USAGE = 'usage: npm run fuzz -- blocks [--seconds N]\n';
const GENERATE = new URL('../../addon/generate.ts', import.meta.url).pathname;
const FOLDER = new URL('../../build/fuzz/blocks', import.meta.url).pathname;

function secondsOf(args: string[]): number | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '300' } },
    });
    if (positionals.join(' ') !== 'blocks' || !/^[1-9]\d{0,5}$/.test(values.seconds)) return null;
    return Number(values.seconds);
  } catch {
    return null;
  }
}

const seconds = secondsOf(process.argv.slice(2));
if (seconds === null) {
  process.stderr.write(USAGE);
  process.exitCode = 64;
} else {
  execFileSync(process.execPath, [GENERATE]);
  mkdirSync(FOLDER, { recursive: true });
  const { clean } = new BlockFuzzer(FOLDER).run(seconds, true);
  process.stdout.write(clean ? `clean for ${seconds} s\n` : `what crashed lies in ${FOLDER}\n`);
  process.exitCode = clean ? 0 : 1;
}

import { spawnSync } from 'node:child_process';

const HEAD = 10;
const TAIL = 40;

/** Prints what is done and how long it took. Silence means that nothing had to be done. */
export function step(what, action) {
  const start = process.hrtime.bigint();
  process.stderr.write(`setup: ${what} ... `);
  try {
    const result = action();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    process.stderr.write(`${seconds.toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}

/**
 * Runs a program and keeps its output for the case that it fails.
 * @returns {{ ok: boolean, output: string, tail: string }} tail: the output's first and last lines
 */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
    ...options,
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  const lines = output.trimEnd().split('\n');
  // Causes stand at the begin (npm) or at the end (compilers).
  if (lines.length > HEAD + TAIL) lines.splice(HEAD, lines.length - HEAD - TAIL, '...');
  const tail = lines.join('\n');
  return { ok: result.status === 0, output, tail };
}

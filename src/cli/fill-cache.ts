import { once } from 'node:events';
import { globSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { findStateTables } from '../tables/find-state-tables.ts';

/** Runs what it is given as soon as it is loaded. */
const PROGRAM = join('cli', 'main.ts');

/**
 * Loads every module once, so that Node keeps them compiled where NODE_COMPILE_CACHE says. Without
 * that the first start after an installation compiles, and has the TypeScript compiler in memory, in
 * each of its threads, for as long as it runs.
 */
export async function fillCache(): Promise<number> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  for (const file of globSync('**/*.ts', { cwd: root }).sort()) {
    if (file === PROGRAM) continue;
    // What is the program of a thread throws here, and is compiled by then.
    await import(pathToFileURL(join(root, file)).href).catch(() => {});
  }
  // Query threads load tables by require, of which Node keeps a copy of its own.
  await once(new Worker(new URL(import.meta.url)), 'exit');
  flushCompileCache();
  return 0;
}

if (!isMainThread) {
  findStateTables();
  flushCompileCache();
}

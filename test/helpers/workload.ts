import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cgroup } from './cgroup.ts';
import { compiledWorkloads } from './surroundings.ts';

export interface Finished {
  readonly pid: number;
  readonly code: number | null;
  readonly stdout: string;
}

/** Compiles test/workloads/NAME.c into a folder; returns the program's path. */
export function compileWorkload(name: string, folder: string, ...flags: string[]): string {
  const source = fileURLToPath(new URL(`../workloads/${name}.c`, import.meta.url));
  const program = join(folder, basename(name));
  if (compiledWorkloads !== undefined) {
    copyFileSync(join(compiledWorkloads, name), program);
    return program;
  }
  execFileSync('cc', ['-O2', '-Wall', '-Werror', '-pthread', ...flags, '-o', program, source]);
  return program;
}

/**
 * Runs a program inside a cgroup, its exec included. The process waits on its standard input until
 * it has been moved, so that nothing of the moving itself happens inside.
 */
export async function runInside(
  cgroup: Cgroup,
  program: string,
  args: readonly string[] = [],
): Promise<Finished> {
  const wait = 'read -r go && exec "$@"';
  const child = spawn('/bin/sh', ['-c', wait, 'sh', program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Our pipes are sockets, which bash takes for a remote login's: it would read ~/.bashrc, and what
    // that does is counted, unless it is run by another shell.
    env: { ...process.env, SHLVL: '2' },
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const closed = once(child, 'close');
  cgroup.add(child.pid as number);
  child.stdin.end('go\n');
  const [code] = await closed;
  return { pid: child.pid as number, code, stdout };
}

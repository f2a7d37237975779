import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles bench/workloads/NAME.c into a folder, static and optimized; returns its path. */
export function compile(name: string, folder: string): string {
  const source = fileURLToPath(new URL(`workloads/${name}.c`, import.meta.url));
  const program = join(folder, name);
  execFileSync('cc', ['-O2', '-Wall', '-Werror', '-static', '-o', program, source]);
  return program;
}

/** What every test of this folder needs: the kernels, the workloads, the machine's image. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage } from './machine.mjs';

export const ROOT = join(import.meta.dirname, '../..');

export const KERNELS = [
  { suite: 'bullseye', version: '5.10' },
  { suite: 'bookworm', version: '6.1' },
  { suite: 'bookworm', version: '6.12' },
  { suite: 'sid', version: '7' },
] as const;

let image: string | undefined;

/** Builds the workloads and, once for all tests, the image; returns its path. */
export function prepareImage(): string {
  if (image !== undefined) return image;
  const folder = join(ROOT, 'build/workloads');
  mkdirSync(folder, { recursive: true });
  for (const source of readdirSync(join(ROOT, 'test/workloads'))) {
    if (!source.endsWith('.c')) continue;
    const program = join(folder, source.replace(/\.c$/, ''));
    const path = join(ROOT, 'test/workloads', source);
    execFileSync('cc', ['-O2', '-static', '-o', program, path, '-lpthread']);
  }
  image = buildImage(join(ROOT, 'build/kernels/image.cpio')) as string;
  return image;
}

/**
 * The addon's libraries go with it: other distributions have other versions of them. The addon looks
 * for them in build/lib first (its RPATH, which holds for the libraries' own needs too).
 */
import { chmodSync, copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from './run.ts';

/** The oldest C and C++ libraries that what we ship may need: those of RHEL 9. */
export const LIMITS = { GLIBC: '2.34', GLIBCXX: '3.4.29' } as const;

/** Part of every Linux system, and tied to its dynamic loader: never shipped. */
const OF_THE_SYSTEM =
  /^(linux-vdso|ld-linux.*|libc|libm|libstdc\+\+|libgcc_s|libdl|libpthread|librt|libresolv)\.so/;

/** Copies what `addon` is linked with, and what that is linked with, into `folder`. */
export function bundleLibraries(addon: string, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const copied: string[] = [];
  for (const line of run('ldd', [addon]).split('\n')) {
    const [, name, path] = /^\s*(\S+) => (\/\S+)/.exec(line) ?? [];
    if (line.includes('not found')) throw new Error(`the addon needs ${line.trim()}`);
    if (name === undefined || path === undefined || OF_THE_SYSTEM.test(basename(name))) continue;
    const target = join(folder, name);
    copyFileSync(realpathSync(path), target);
    chmodSync(target, 0o644);
    copied.push(target);
  }
  for (const file of [addon, ...copied]) checkVersions(file);
  return copied;
}

/** Throws when `file` needs a newer C or C++ library than LIMITS say. */
export function checkVersions(file: string): void {
  const symbols = run('objdump', ['-T', file]);
  for (const [library, limit] of Object.entries(LIMITS)) {
    const pattern = new RegExp(`\\(${library}_([0-9.]+)\\)`, 'g');
    const needed = [...symbols.matchAll(pattern)].map((match) => match[1] ?? '');
    const newer = new Set(needed.filter((version) => compareVersions(version, limit) > 0));
    if (newer.size === 0) continue;
    throw new Error(`${file} needs ${library} ${[...newer].join(', ')}, newer than ${limit}`);
  }
}

function compareVersions(left: string, right: string): number {
  const a = left.split('.').map(Number);
  const b = right.split('.').map(Number);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

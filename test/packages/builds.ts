/** The packages that every test of this folder looks at, built once for all runs of a checkout. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDeb } from '../../packaging/deb.ts';
import { buildRpm } from '../../packaging/rpm.ts';
import type { Release } from '../../packaging/tree.ts';
import { digest, Stamp } from '../../scripts/setup/stamp.mjs';
import { makeRoot } from './root.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const FOLDER = join(ROOT, 'build/test-packages');
export const VERSION = '0.1.0';
export const NEWER = '0.1.1';

const WORK = join(FOLDER, 'work');
const RELEASE: Release = { root: ROOT, version: VERSION, time: 1_790_000_000, level: 1 };
/** What a package is made from; node_modules is what the lock file says. */
const INPUTS = [
  ...['CHANGELOG.md', 'LICENSE', 'README.md', 'package-lock.json', 'package.json'],
  ...['bin', 'docs', 'packaging', 'queries', 'src'],
  ...['build/Release', 'build/bpf', 'build/generated/state-tables.json'],
];
const built = new Map<string, string>();
let source: string | undefined;

type Build = (release: Release, work: string, out: string) => string;

/** Not built again while what it is made from is the same, by whichever run of the tests it was. */
function once(name: string, build: Build, version: string): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  source ??= digest(INPUTS.map((path) => join(ROOT, path)));
  const out = join(FOLDER, name);
  const stamp = new Stamp(`${out}.source`);
  const made = stamp.matches(source) && existsSync(out) ? readdirSync(out)[0] : undefined;
  let path = join(out, made ?? '');
  if (made === undefined) {
    for (const old of [out, `${out}.source`]) rmSync(old, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    path = build({ ...RELEASE, version }, WORK, out);
    stamp.write(source);
  }
  built.set(name, path);
  return path;
}

export const deb = (): string => once('deb', buildDeb, VERSION);
export const rpm = (): string => once('rpm', buildRpm, VERSION);
export const newerDeb = (): string => once('newer-deb', buildDeb, NEWER);
export const newerRpm = (): string => once('newer-rpm', buildRpm, NEWER);

/** The same again, in another folder. */
const again = (build: Build): string => {
  const out = join(FOLDER, 'again');
  mkdirSync(out, { recursive: true });
  return build(RELEASE, WORK, out);
};
export const secondDeb = (): string => again(buildDeb);
export const secondRpm = (): string => again(buildRpm);

const SUITE = 'bookworm';
const SURROUNDINGS = [
  ...['dbus', 'systemd', 'systemd-sysv'], // the service's
  ...['libatomic1', 'libstdc++6'], // what weir depends on
];

function template(name: string, packages: readonly string[]): string {
  mkdirSync(FOLDER, { recursive: true });
  const folder = join(FOLDER, name);
  makeRoot(folder, SUITE, packages.join(','));
  return folder;
}

/** The folder of a Debian 12 to copy. */
export const debian = (): string => template('debian-12-small', SURROUNDINGS);

/** The same with a kernel and initramfs-tools: for a disk. */
export const debianWithKernel = (): string =>
  template('debian-12', [...SURROUNDINGS, 'linux-image-cloud-amd64']);

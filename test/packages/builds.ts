/** The packages that every test of this folder looks at, built once. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildDeb } from '../../packaging/deb.ts';
import { buildRpm } from '../../packaging/rpm.ts';
import type { Release } from '../../packaging/tree.ts';
import { makeRoot } from './root.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const FOLDER = join(ROOT, 'build/test-packages');
export const VERSION = '0.1.0';
export const NEWER = '0.1.1';

const WORK = join(FOLDER, 'work');
const RELEASE: Release = { root: ROOT, version: VERSION, time: 1_790_000_000, level: 1 };
const built = new Map<string, string>();

/** What is there is not built again: `name` says what is wanted. */
function once(name: string, build: () => string): string {
  const known = built.get(name);
  if (known !== undefined) return known;
  mkdirSync(join(FOLDER, 'second'), { recursive: true });
  const path = build();
  built.set(name, path);
  return path;
}

export const deb = (): string => once('deb', () => buildDeb(RELEASE, WORK, FOLDER));
export const rpm = (): string => once('rpm', () => buildRpm(RELEASE, WORK, FOLDER));
export const newerDeb = (): string =>
  once('newer', () => buildDeb({ ...RELEASE, version: NEWER }, WORK, FOLDER));

export const newerRpm = (): string =>
  once('newer rpm', () => buildRpm({ ...RELEASE, version: NEWER }, WORK, FOLDER));

/** The same again, in another folder. */
export const secondDeb = (): string => buildDeb(RELEASE, WORK, join(FOLDER, 'second'));
export const secondRpm = (): string => buildRpm(RELEASE, WORK, join(FOLDER, 'second'));

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

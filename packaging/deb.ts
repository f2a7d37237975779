/** The Debian package, by dpkg-deb. */

import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { LIMITS } from './libraries.ts';
import { run } from './run.ts';
import { makeTree, type Release } from './tree.ts';

const ARCHITECTURE: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const SCRIPTS = ['postinst', 'prerm', 'postrm'];

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** setpriv, which daemons outside systemd drop their rights with, is in util-linux: essential. */
function control(release: Release, architecture: string, bytes: number): string {
  return `Package: weir
Version: ${release.version}
Architecture: ${architecture}
Maintainer: weir maintainers <weir@example.org>
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libc6 (>= ${LIMITS.GLIBC}), libatomic1, libgcc-s1, libstdc++6 (>= 11), passwd
Recommends: systemd
Suggests: auditd, logrotate
Section: admin
Priority: optional
Homepage: https://example.org/weir
Description: eBPF host sensor that answers in SQL
 weir watches processes, sockets and files of a Linux host with eBPF, keeps
 the events for weeks in one SQLite file, and lets people and query packs ask
 about them in SQL, in tables with osquery's names. Queries that keep asking
 become detections. It says what it missed.
`;
}

/** Builds weir_VERSION_ARCH.deb in `out` and returns its path. */
export function buildDeb(release: Release, work: string, out: string): string {
  const architecture = ARCHITECTURE[process.arch];
  if (architecture === undefined) throw new Error(`no Debian architecture for ${process.arch}`);
  const tree = join(work, 'deb');
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  makeTree(release, tree, 'vendor-completions');
  const source = join(release.root, 'packaging/deb');
  const overrides = join(tree, 'usr/share/lintian/overrides/weir');
  mkdirSync(dirname(overrides), { recursive: true });
  cpSync(join(source, 'lintian-overrides'), overrides);

  const installed = files(tree);
  const bytes = installed.reduce((sum, file) => sum + readFileSync(file).length, 0);
  const debian = join(tree, 'DEBIAN');
  mkdirSync(debian);
  writeFileSync(join(debian, 'control'), control(release, architecture, bytes));
  const conffiles = installed
    .map((file) => `/${relative(tree, file)}`)
    .filter((file) => file.startsWith('/etc/'));
  writeFileSync(join(debian, 'conffiles'), conffiles.map((file) => `${file}\n`).join(''));
  const sums = installed
    .filter((file) => !relative(tree, file).startsWith('etc/'))
    .map(
      (file) =>
        `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${relative(tree, file)}\n`,
    );
  writeFileSync(join(debian, 'md5sums'), sums.join(''));
  for (const script of SCRIPTS) cpSync(join(source, script), join(debian, script));
  for (const name of readdirSync(debian)) {
    chmodSync(join(debian, name), SCRIPTS.includes(name) ? 0o755 : 0o644);
  }
  for (const path of [overrides, dirname(overrides), join(tree, 'usr/share/lintian'), tree]) {
    utimesSync(path, release.time, release.time);
    chmodSync(path, path === overrides ? 0o644 : 0o755);
  }
  const path = join(out, `weir_${release.version}_${architecture}.deb`);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(release.time) };
  run('dpkg-deb', ['--root-owner-group', '-Zxz', `-z${release.level}`, '--build', tree, path], {
    env,
  });
  return path;
}

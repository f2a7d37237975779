/**
 * The installed tree, the same for deb and rpm. Nothing in it depends on the processor but the
 * contents: an ARM64 build has the same names.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { COMMANDS } from '../src/cli/commands.ts';
import { completions } from './completions.ts';
import { bundleLibraries } from './libraries.ts';
import { manualPages } from './manual.ts';
import { copyModules } from './modules.ts';
import { run } from './run.ts';

export interface Release {
  readonly root: string; // the checkout
  readonly version: string;
  /** Seconds since 1970: every file's time, so that two builds are equal. */
  readonly time: number;
  /** Of xz, 0 to 9. */
  readonly level: number;
}

/** Where weir's own files go. */
export const HOME = '/usr/lib/weir';

/** Gzip as reproducible builds want it: Node writes no name and no time. */
function writeCompressed(path: string, content: string | Buffer): void {
  writeInto(`${path}.gz`, gzipSync(content, { level: 9 }));
}

function writeInto(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function program(release: Release, home: string): void {
  const { root } = release;
  for (const folder of ['bin', 'src', 'build/bpf']) {
    cpSync(join(root, folder), join(home, folder), { recursive: true });
  }
  const list = 'build/generated/state-tables.json';
  writeInto(join(home, list), readFileSync(join(root, list)));
  cpSync(join(root, 'LICENSE'), join(home, 'LICENSE'));
  // The version that `weir --version` tells is the package's.
  const described = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
  const text = JSON.stringify({ ...described, version: release.version }, null, 2);
  writeInto(join(home, 'package.json'), `${text}\n`);
  for (const name of ['weir.node', 'weir_scan.node']) {
    const addon = join(home, 'build/Release', name);
    mkdirSync(dirname(addon), { recursive: true });
    run('strip', ['--strip-unneeded', '-o', addon, join(root, 'build/Release', name)]);
    bundleLibraries(addon, join(home, 'build/lib'));
  }
  copyModules(root, home);
  // Node keeps compiled sources here, not in /usr; the installation fills it.
  symlinkSync('/var/cache/weir', join(home, 'build/cache'));
  symlinkSync('/usr/share/weir/packs', join(home, 'queries'));
}

function documents(release: Release, tree: string): void {
  const { root, version, time } = release;
  const share = join(tree, 'usr/share');
  for (const [name, page] of Object.entries(manualPages(COMMANDS, version, time))) {
    writeCompressed(join(share, 'man', `man${name.at(-1)}`, name), page);
  }
  const docs = join(share, 'doc/weir');
  cpSync(join(root, 'docs'), docs, { recursive: true });
  cpSync(join(root, 'README.md'), join(docs, 'README.md'));
  writeCompressed(join(docs, 'changelog'), readFileSync(join(root, 'CHANGELOG.md')));
  cpSync(join(root, 'packaging/files/copyright'), join(docs, 'copyright'));
}

function settings(release: Release, tree: string): void {
  const files = join(release.root, 'packaging/files');
  const copies: Record<string, string> = {
    'weir.json': 'etc/weir/weir.json',
    'weir.service': 'usr/lib/systemd/system/weir.service',
    'sysusers.conf': 'usr/lib/sysusers.d/weir.conf',
    'tmpfiles.conf': 'usr/lib/tmpfiles.d/weir.conf',
    logrotate: 'etc/logrotate.d/weir',
  };
  for (const [from, to] of Object.entries(copies))
    writeInto(join(tree, to), readFileSync(join(files, from)));
  mkdirSync(join(tree, 'etc/weir/weir.d'), { recursive: true });
  for (const pack of readdirSync(join(release.root, 'queries')).sort()) {
    cpSync(join(release.root, 'queries', pack), join(tree, 'usr/share/weir/packs', pack), {
      recursive: true,
    });
  }
}

/** Modes and times do not depend on who builds, with which umask, and when. */
function settle(path: string, time: number): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) settle(full, time);
    else if (!entry.isSymbolicLink()) chmodSync(full, isProgram(full) ? 0o755 : 0o644);
    lutimesSync(full, time, time);
  }
  chmodSync(path, 0o755);
  lutimesSync(path, time, time);
}

function isProgram(path: string): boolean {
  return path.endsWith('/bin/node') || path.endsWith('/bin/weir.js');
}

/** Makes the tree below `tree`, which must not exist. `vendor`: the folder of zsh's completions. */
export function makeTree(release: Release, tree: string, vendor: string): void {
  if (existsSync(tree)) throw new Error(`${tree} exists`);
  program(release, join(tree, HOME));
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/weir/bin/weir.js', join(tree, 'usr/bin/weir'));
  documents(release, tree);
  settings(release, tree);
  const shells = completions(COMMANDS);
  writeInto(join(tree, 'usr/share/bash-completion/completions/weir'), shells.bash);
  writeInto(join(tree, 'usr/share/zsh', vendor, '_weir'), shells.zsh);
  writeInto(join(tree, 'usr/share/fish/vendor_completions.d/weir.fish'), shells.fish);
  settle(tree, release.time);
}

// Fetches a Debian kernel package of any suite and unpacks kernel and modules, with the mirror
// that this machine's apt is set up for and without touching its package lists.
// usage: node fetch.mjs SUITE VERSION-PREFIX DIRECTORY   e.g. bookworm 6.12 build/kernels/6.12
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const apt = (state, command, ...args) =>
  execFileSync(
    command,
    [
      '-o',
      `Dir::State=${state}`,
      '-o',
      `Dir::State::status=${state}/status`,
      '-o',
      `Dir::Cache=${state}/cache`,
      '-o',
      `Dir::Etc::sourcelist=${state}/sources.list`,
      '-o',
      'Dir::Etc::sourceparts=-',
      '-o',
      'APT::Sandbox::User=root',
      ...args,
    ],
    { encoding: 'utf8', cwd: state, stdio: ['ignore', 'pipe', 'inherit'] },
  );

/** The mirror of this machine's own Debian entries: main archive and security archive. */
export function mirrors() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((f) => join(folder, f)) : []),
  ];
  const uris = files
    .filter((f) => existsSync(f))
    .flatMap((f) => readFileSync(f, 'utf8').split('\n'))
    .flatMap((line) => /^(?:URIs:|deb(?:\s+\[.*?\])?)\s+(\S+)/.exec(line)?.[1] ?? []);
  const main = uris.find((u) => /\/debian\/?$/.test(u));
  const security = uris.find((u) => /debian-security\/?$/.test(u));
  if (main === undefined)
    throw new Error('no Debian mirror in /etc/apt: the kernels cannot be fetched');
  return { main, security };
}

/** Modules that tests put into the kernel themselves; of all but the first some kernels have them built in. */
const MODULES = ['dummy', 'overlay', 'inet_diag', 'tcp_diag', 'udp_diag'];

/** Those of them that a kernel was fetched with, in the order in which they can be loaded. */
export function modulesOf(directory) {
  return MODULES.map((name) => join(directory, 'modules', `${name}.ko`)).filter(existsSync);
}

/** Puts what of MODULES was unpacked below directory into its folder "modules"; true when it is there. */
function keepModules(directory) {
  const folder = join(directory, 'modules');
  for (const name of MODULES) {
    const find = ['-path', `${folder}`, '-prune', '-o', '-name', `${name}.ko*`, '-print'];
    const [found] = execFileSync('find', [directory, ...find], { encoding: 'utf8' }).split('\n');
    if (!found) continue;
    mkdirSync(folder, { recursive: true });
    execFileSync('mv', [found, folder]);
    if (found.endsWith('.xz')) execFileSync('xz', ['-d', '-f', join(folder, `${name}.ko.xz`)]);
  }
  return existsSync(join(folder, `${MODULES[0]}.ko`));
}

/** Unpacks the newest linux-image-VERSION*-cloud-amd64 of the suite into directory: vmlinuz, and MODULES. */
export function fetchKernel(suite, version, directory) {
  const done = join(directory, 'vmlinuz');
  if (existsSync(done) && existsSync(join(directory, 'modules'))) return done;
  // Of an earlier time, when less was kept.
  rmSync(directory, { force: true, recursive: true });
  const state = resolve(directory, 'apt');
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(join(state, 'cache/archives/partial'), { recursive: true });
  writeFileSync(join(state, 'status'), '');
  const { main, security } = mirrors();
  const lines = [`deb ${main} ${suite} main`];
  if (suite !== 'sid' && security !== undefined)
    lines.push(`deb ${security} ${suite}-security main`);
  writeFileSync(join(state, 'sources.list'), `${lines.join('\n')}\n`);
  apt(state, 'apt-get', '-qq', 'update');
  // From 7 on the image is a package of its own, linux-binary.
  const newest = (kind) =>
    apt(
      state,
      'apt-cache',
      'search',
      '--names-only',
      `^linux-${kind}-${version.replaceAll('.', '\\.')}\\..*cloud-amd64$`,
    )
      .split('\n')
      .flatMap((line) => line.split(' ')[0] || [])
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .at(-1);
  const name = newest('binary') ?? newest('image');
  if (name === undefined) {
    throw new Error(
      `${main} has no cloud kernel ${version} in ${suite} any more: put a newer version into KERNELS of test/kernels/prepare.ts`,
    );
  }
  const unpack = (name) => {
    apt(state, 'apt-get', '-qq', 'download', name);
    const deb = readdirSync(state).find((f) => f.startsWith(`${name}_`));
    execFileSync('dpkg-deb', ['-x', join(state, deb), directory]);
  };
  unpack(name);
  const find = ['-name', 'vmlinuz*', '-not', '-type', 'l'];
  const image = execFileSync('find', [directory, ...find], { encoding: 'utf8' }).split('\n')[0];
  if (!keepModules(directory)) {
    const modules = newest('modules');
    if (modules !== undefined) unpack(modules);
    if (!keepModules(directory)) throw new Error(`no ${MODULES[0]}.ko in ${name}`);
  }
  execFileSync('mv', [image, done]);
  execFileSync('rm', ['-rf', state, ...['boot', 'lib', 'usr'].map((f) => join(directory, f))]);
  return done;
}

if (import.meta.filename === process.argv[1]) {
  const [suite, version, directory] = process.argv.slice(2);
  console.log(fetchKernel(suite, version, directory));
}

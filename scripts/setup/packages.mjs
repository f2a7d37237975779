import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { Stamp } from './stamp.mjs';
import { run, step } from './step.mjs';

/** Debian's names. What the build needs; what tests need besides; what `npm run check` needs. */
export const PACKAGES = {
  build: [
    'clang',
    'g++',
    'libbpf-dev',
    'libelf-dev',
    'liblz4-dev',
    'libmagic-dev',
    'libmd-dev',
    'libre2-dev',
    'libyara-dev',
    'libzstd-dev',
    'make',
    'python3', // node-gyp
    'rapidjson-dev',
    'zlib1g-dev',
  ],
  test: [
    'bpftool',
    'busybox-static',
    'ca-certificates',
    'chromium', // reads the page of weir explain
    'curl',
    'dbus', // systemd in a container
    'git',
    'iproute2',
    'iptables',
    'libclang-rt-dev',
    'lsof',
    'lxc',
    'openssh-client',
    'openssl',
    'podman',
    'postgresql',
    'procps',
    'rpm',
    'rsync',
    'runc',
    'sqlite3',
    'systemd', // journald
    'systemd-container', // systemd-nspawn
    'tmux',
    'wget',
  ],
  check: ['clang-format'],
  package: ['binutils', 'dpkg', 'rpm', 'xz-utils'],
  packages: ['debootstrap', 'e2fsprogs', 'git', 'lintian', 'rpmlint'],
  kernels: [
    ...['bpftool', 'busybox-static', 'cpio', 'qemu-system-x86'],
    ...['crun', 'podman', 'runc', 'systemd-container'], // containers in the machine
  ],
  bench: ['auditd', 'bpftool'],
  fuzz: ['libclang-rt-dev'], // libFuzzer and sanitizers
};

const DPKG_STATUS = '/var/lib/dpkg/status';
const POLICY = '/usr/sbin/policy-rc.d';

/** Changes whenever dpkg does anything: the cheap way to know that an earlier look still holds. */
function packageState(names) {
  const status = existsSync(DPKG_STATUS) ? statSync(DPKG_STATUS).mtimeMs : 0;
  return JSON.stringify([status, names]);
}

export function packagesStep(root, purpose, names) {
  const stamp = new Stamp(join(root, `build/.setup/packages-${purpose}`));
  return {
    needed: () => !stamp.matches(packageState(names)),
    /** Throws when it is known already that they cannot be installed. */
    check: () => void toInstall(names),
    run() {
      installPackages(names);
      stamp.write(packageState(names));
    },
  };
}

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
  const { output } = run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names]);
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/** Keeps services of new packages (postgresql, auditd) from being started by their installation. */
function withoutServices(action) {
  if (existsSync(POLICY)) return action();
  const remove = () => rmSync(POLICY, { force: true });
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  process.once('exit', remove);
  try {
    return action();
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return run('apt-get', ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args], { env });
}

/** What is missing, and the command for it; without apt-get it says what to install by hand. */
function toInstall(names) {
  if (!onPath('dpkg-query') || !onPath('apt-get')) {
    if (['clang', 'g++', 'make', 'python3'].every(onPath)) return { missing: [] };
    throw new SetupFailure(
      'This is not a Debian-like system, so set-up cannot install what weir is built with.',
      `Install the equivalents of these Debian packages and try again: ${names.join(' ')}.`,
    );
  }
  const missing = missingPackages(names);
  if (missing.length === 0) return { missing };
  const listed = readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  const update = listed ? '' : 'apt-get update && ';
  const command = `${update}apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) {
    throw new SetupFailure(
      `Packages are missing and only root can install them: ${missing.join(' ')}.`,
      `Run this as root: ${command}`,
      77,
    );
  }
  return { missing, listed, command };
}

function installPackages(names) {
  const { missing, listed, command } = toInstall(names);
  if (missing.length === 0) return;
  const install = () =>
    withoutServices(() => aptGet('--no-install-recommends', 'install', ...missing));
  step(`installing ${missing.join(' ')}`, () => {
    let result = listed ? install() : { ok: false };
    if (!result.ok) {
      const updated = aptGet('update');
      result = updated.ok ? install() : updated;
    }
    if (result.ok) return;
    throw new SetupFailure(
      `apt-get could not install ${missing.join(' ')}:\n${result.tail}`,
      `Check the network and /etc/apt/sources.list, or install them yourself: ${command}`,
    );
  });
}

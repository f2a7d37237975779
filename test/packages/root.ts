/** A Debian 12 in a folder, made by debootstrap once and copied for each test. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mirrors } from '../kernels/fetch.mjs';

const PACKAGES = 'dbus,init-system-helpers,libatomic1,libstdc++6,systemd,systemd-sysv';

/** Makes `folder` unless it is there. A half-made one never has that name. */
export function makeRoot(folder: string): void {
  if (existsSync(folder)) return;
  const making = `${folder}.new`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const { main } = mirrors();
  const args = ['--variant=minbase', `--include=${PACKAGES}`, 'bookworm', making, main];
  execFileSync('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(making, folder);
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

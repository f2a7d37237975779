import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRoot } from './busybox-root.ts';

/** podman with all that it keeps in one folder, and an image that has nothing but busybox. */
export class Podman {
  readonly image = 'localhost/weir-test:1';
  readonly #folder: string;
  readonly #cgroup: string;
  /** podman refuses one whose path is longer than 50 characters. */
  readonly #runroot = mkdtempSync('/run/weir-test-');

  /** @param cgroup parent of the containers' cgroups, in every hierarchy */
  constructor(folder: string, cgroup: string) {
    this.#folder = folder;
    this.#cgroup = cgroup;
    const root = busyboxRoot(folder);
    const archive = join(folder, 'image.tar');
    execFileSync('tar', ['-C', root, '-cf', archive, '.']);
    this.#podman('import', '--quiet', archive, this.image);
  }

  /** Runs a shell script in a container until its end; returns the container's id. */
  run(name: string, script: string): string {
    this.#podman(
      ...['run', '--name', name, '--network', 'none', '--log-driver', 'none'],
      ...['--cgroup-parent', this.#cgroup],
      // What podman asks for by itself may be above the limits of this process.
      ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
      ...[this.image, '/bin/busybox', 'sh', '-c', script],
    );
    return this.#podman('inspect', '--format', '{{.Id}}', name).trim();
  }

  /** Containers and images; what is left are files in its folder. */
  remove(): void {
    this.#podman('rm', '--all', '--force');
    this.#podman('rmi', '--all', '--force');
    rmSync(this.#runroot, { recursive: true });
  }

  #podman(...args: readonly string[]): string {
    const { PATH } = process.env;
    const places = ['--root', join(this.#folder, 'root'), '--tmpdir', join(this.#folder, 'tmp')];
    places.push('--runroot', this.#runroot);
    const ways = ['--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs'];
    // crun refuses hosts with cgroup v1 beside v2.
    ways.push('--events-backend', 'none', '--runtime', 'runc');
    return execFileSync('podman', [...places, ...ways, ...args], {
      encoding: 'utf8',
      env: { PATH, HOME: this.#folder },
    });
  }
}

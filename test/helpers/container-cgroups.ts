import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from './eventually.ts';

/** A cgroup of the same path in every hierarchy, of v1 and v2, for containers to be put below. */
export class ContainerCgroups {
  readonly path: string;

  constructor() {
    this.path = `/weir-test-containers-${process.pid}`;
  }

  /** Makes one below it, and says how a shell enters it. */
  make(name: string): string {
    const entered = this.#folders().flatMap((folder) => {
      mkdirSync(join(folder, name), { recursive: true });
      const procs = join(folder, name, 'cgroup.procs');
      // A cpuset of v1 takes nobody until it is told its processors.
      return folder.includes('cpuset') ? [] : [`echo $$ > '${procs}'`];
    });
    return entered.join(' && ');
  }

  /** Runtimes take only their own away, and monitors end a little later than they. */
  async remove(): Promise<void> {
    // LXC leaves one that it only passes through.
    for (const folder of this.#folders()) removed(join(dirname(folder), 'lxc.pivot'));
    const left = await eventually(
      () => this.#folders().filter((folder) => !removed(folder)),
      (folders) => folders.length === 0,
    );
    if (left.length > 0) throw new Error(`cgroups are in use: ${left.join(', ')}`);
  }

  #folders(): string[] {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return mounts.flatMap((line) => {
      const [before = '', after = ''] = line.split(' - ');
      return after.startsWith('cgroup') ? [join(before.split(' ')[4] as string, this.path)] : [];
    });
  }
}

function removed(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !removed(join(folder, entry.name))) return false;
    }
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

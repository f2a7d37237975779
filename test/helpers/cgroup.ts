import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let made = 0;

/** Where the cgroup2 hierarchy is mounted; on systems that have none, one is mounted. */
export function cgroupMount(): string {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    if (after.startsWith('cgroup2 ')) return before.split(' ')[4] as string;
  }
  const folder = mkdtempSync(join(tmpdir(), 'weir-cgroup2-'));
  execFileSync('mount', ['-t', 'cgroup2', 'none', folder]);
  return folder;
}

/** A cgroup2 of its own, which collection can be restricted to. */
export class Cgroup {
  /** As configuration takes it: below the mount. */
  readonly path: string;
  readonly folder: string;
  readonly id: bigint;

  /** @param path one that may be there already; otherwise it is new */
  constructor(path?: string) {
    made++;
    this.path = path ?? `/weir-test-${process.pid}-${made}`;
    this.folder = cgroupMount() + this.path;
    mkdirSync(this.folder, { recursive: path !== undefined });
    this.id = statSync(this.folder, { bigint: true }).ino;
  }

  /** Takes a process in. */
  add(pid: number): void {
    writeFileSync(join(this.folder, 'cgroup.procs'), String(pid));
  }

  /** Processes in it, zombies not counted. */
  pids(): string[] {
    return readFileSync(join(this.folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
  }

  /** Ends all in it, however fast they fork; a pid from a list may be somebody else's by now. */
  kill(): void {
    writeFileSync(join(this.folder, 'cgroup.kill'), '1');
  }

  /** It must be empty of processes. */
  remove(): void {
    for (const entry of readdirSync(this.folder, { withFileTypes: true })) {
      if (entry.isDirectory()) rmdirSync(join(this.folder, entry.name));
    }
    rmdirSync(this.folder);
  }
}

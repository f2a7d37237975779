import { readdirSync, readFileSync, statSync } from 'node:fs';

/** A process as /proc tells of it now. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot: with the pid, it names one process. */
  readonly startTicks: number;
  readonly kernelThread: boolean;
  /** Ended, but its parent has not asked how. */
  readonly dead: boolean;
}

const PF_KTHREAD = 0x200000;

/** Of what stands behind the name in /proc/PID/stat, which itself may hold anything. */
export function parseStat(pid: number, stat: string): ListedProcess {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startTicks: Number(fields[19]),
    kernelThread: (Number(fields[6]) & PF_KTHREAD) !== 0,
    dead: fields[0] === 'Z' || fields[0] === 'X',
  };
}

/** null: there is no such process any more. */
export function readProcess(pid: number): ListedProcess | null {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

export function listProcesses(): ListedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** What it runs, as (device, inode); null when that cannot be told. */
export function executableOf(pid: number): string | null {
  return fileId(`/proc/${pid}/exe`);
}

export function fileId(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/** Whose tree: a process, and the group that it was counted with. */
export interface TreeRoot {
  readonly pid: number;
  /** null: it is gone, or its pid is another's by now. */
  readonly startTicks: number | null;
  /** null: only the process and what descends from it. */
  readonly group: number | null;
  /** Clock ticks: a group whose leader began later has only the number in common. */
  readonly noLaterThan: number;
}

/** The process, its group, and all that descend from those. */
export function treeOf(root: TreeRoot, all: readonly ListedProcess[]): ListedProcess[] {
  const leader = all.find(({ pid }) => pid === root.group);
  const group = leader !== undefined && leader.startTicks > root.noLaterThan ? null : root.group;
  const inside = new Map<number, ListedProcess>();
  for (const one of all) {
    const isRoot = one.pid === root.pid && one.startTicks === root.startTicks;
    if (isRoot || (group !== null && one.group === group)) inside.set(one.pid, one);
  }
  for (let grown = -1; grown !== inside.size; ) {
    grown = inside.size;
    for (const one of all) {
      if (inside.has(one.parent)) inside.set(one.pid, one);
    }
  }
  return [...inside.values()].filter(({ dead }) => !dead);
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { native } from '../native/addon.ts';
import type { QueryRunner } from '../sql/types.ts';
import type { ProcessTree } from '../stream/process-tree.ts';

/** Of each process that runs: the newest id that the store knows it by. */
const IDS = `SELECT pid, process_id, max(boottime_ns) FROM (
    SELECT pid, process_id, boottime_ns FROM process_seen WHERE boot_id = 'BOOT' AND pid IN (PIDS)
    UNION ALL
    SELECT pid, process_id, boottime_ns FROM process_lifecycle_events
    WHERE boot_id = 'BOOT' AND action = 'fork' AND pid IN (PIDS)
  ) GROUP BY pid`;

/** A process of /proc; null when it has ended, or is the kernel's. */
interface Running {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Tells a tree who belongs to it already: those that run its executable, or its process, and their
 * descendants. Whoever lost a parent meanwhile is a child of init, and not found.
 *
 * @param runner asks the store, which knows the ids that events carry
 */
export async function tellRunningTree(tree: ProcessTree, runner: QueryRunner): Promise<void> {
  const running = processes();
  const { root } = tree;
  const roots =
    'executable' in root
      ? running.filter(({ pid }) => runs(pid, tree)).map(({ pid }) => pid)
      : await pidOf(root.processId, runner);
  const pids = withDescendants(roots, running);
  if (pids.length === 0) return;
  const sql = IDS.replaceAll('PIDS', pids.join(', ')).replaceAll('BOOT', native.bootId());
  for (const [, id] of (await runner.query(sql)).rows) {
    if (typeof id === 'bigint') tree.add(id);
  }
}

function processes(): Running[] {
  const all: Running[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name may hold spaces and parentheses: fields are counted after its last one.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      all.push({ pid: Number(name), parent: Number(parent) });
    } catch {
      // It has ended.
    }
  }
  return all;
}

function runs(pid: number, { root, mountNamespace }: ProcessTree): boolean {
  try {
    const path = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
    if (!('executable' in root) || !root.executable.matchesText(path)) return false;
    if (mountNamespace === undefined) return true;
    return readlinkSync(`/proc/${pid}/ns/mnt`) === `mnt:[${mountNamespace}]`;
  } catch {
    return false; // it has ended, or is the kernel's
  }
}

async function pidOf(processId: bigint, runner: QueryRunner): Promise<number[]> {
  const { rows } = await runner.query(
    `SELECT pid FROM process_seen WHERE process_id = ${processId} LIMIT 1`,
  );
  return rows.map(([pid]) => Number(pid));
}

function withDescendants(roots: readonly number[], running: readonly Running[]): number[] {
  const children = Map.groupBy(running, ({ parent }) => parent);
  const found = new Set(roots);
  // A set is walked through what is added meanwhile.
  for (const pid of found) {
    for (const child of children.get(pid) ?? []) found.add(child.pid);
  }
  return [...found];
}

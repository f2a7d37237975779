import { constants } from 'node:os';
import { native } from '../../native/addon.ts';
import type { Guard } from './guard.ts';
import { type ListedProcess, listProcesses, type TreeRoot, treeOf } from './process-list.ts';

export interface Signalled {
  readonly pid: number;
  readonly outcome: 'done' | 'dry_run' | 'refused' | 'failed';
  readonly reason: string;
}

/** A tree that still grows after so many looks is forking faster than it is stopped. */
const LOOKS = 32;

/**
 * Stops a tree, and kills what was stopped if that is wanted: a stopped process begins no others
 * meanwhile. Each signal goes by a pidfd, to the process that was looked at or to none.
 */
export function signalTree(
  root: TreeRoot,
  kill: boolean,
  dryRun: boolean,
  guard: Pick<Guard, 'refusal'>,
): Signalled[] {
  const done = new Map<string, Signalled>();
  const stopped: ListedProcess[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const found = treeOf(root, listProcesses()).filter((one) => !done.has(keyOf(one)));
    if (found.length === 0) break;
    for (const one of found) {
      const refusal = guard.refusal(one);
      const outcome = signal(one, refusal, dryRun);
      if (outcome.outcome === 'done') stopped.push(one);
      if (outcome.reason !== 'ESRCH') done.set(keyOf(one), outcome);
    }
  }
  if (kill) {
    for (const one of stopped) {
      const error = native.signalProcess(one.pid, one.startTicks, constants.signals.SIGKILL);
      // Somebody else was quicker.
      if (error === '' || error === 'ESRCH') continue;
      done.set(keyOf(one), { pid: one.pid, outcome: 'failed', reason: error });
    }
  }
  return [...done.values()];
}

function signal(one: ListedProcess, refusal: string, dryRun: boolean): Signalled {
  const { pid } = one;
  if (refusal !== '') return { pid, outcome: 'refused', reason: refusal };
  if (dryRun) return { pid, outcome: 'dry_run', reason: '' };
  const error = native.signalProcess(pid, one.startTicks, constants.signals.SIGSTOP);
  return { pid, outcome: error === '' ? 'done' : 'failed', reason: error };
}

const keyOf = ({ pid, startTicks }: ListedProcess): string => `${pid} ${startTicks}`;

import type { EventBatch } from '../sensor/batch.ts';
import { NULL_I64 } from '../sensor/schema.ts';
import { matchEntries } from './path-set.ts';
import type { TreeRoot } from './rules.ts';

/** Processes that are remembered; beyond, the oldest are forgotten, and their rows kept. */
const MAX_MEMBERS = 65_536;
/** Rows that tell who started whom. */
const TELLING = new Set(['process', 'lifecycle', 'seen']);

/**
 * The processes of a tree, learnt from forks, execs and process_seen: all come before what the new
 * process does. A process that has ended stays a while, as its last rows may still come.
 */
export class ProcessTree {
  readonly root: TreeRoot;
  readonly mountNamespace: number | undefined;
  readonly #members = new Set<bigint>();

  /** @param mountNamespace an executable roots a tree only there; undefined: anywhere */
  constructor(root: TreeRoot, mountNamespace: number | undefined) {
    this.root = root;
    this.mountNamespace = mountNamespace;
    if ('processId' in root) this.#members.add(root.processId);
  }

  get size(): number {
    return this.#members.size;
  }

  has(processId: bigint): boolean {
    return this.#members.has(processId);
  }

  /** Learns who belongs to it, row by row: a child may come in the same batch as its parent. */
  learn(batch: EventBatch): void {
    if (!TELLING.has(batch.className)) return;
    const ids = batch.i64('process_id');
    const parents = batch.i64('parent_process_id');
    const root = this.root;
    const matched =
      'executable' in root ? matchEntries(batch, 'path', [root.executable]) : undefined;
    if (matched === undefined && this.#members.size === 0) return;
    const paths = batch.codes('path');
    const spaces = batch.u32('mnt_ns');
    for (let r = 0; r < batch.rows; r++) {
      const here = this.mountNamespace === undefined || spaces[r] === this.mountNamespace;
      const isRoot = matched !== undefined && here && matched[paths[r] as number] !== 0;
      const parent = parents[r] as bigint;
      if (isRoot || (parent !== NULL_I64 && this.#members.has(parent))) this.add(ids[r] as bigint);
    }
  }

  /** One of which it is known otherwise. */
  add(id: bigint): void {
    if (this.#members.has(id)) return;
    this.#members.add(id);
    if (this.#members.size <= MAX_MEMBERS) return;
    const fixed = 'processId' in this.root ? this.root.processId : undefined;
    for (const oldest of this.#members) {
      if (oldest === fixed) continue;
      this.#members.delete(oldest);
      return;
    }
  }
}

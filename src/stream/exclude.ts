import { isIP } from 'node:net';
import type { OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';
import { containersOf } from './batch-containers.ts';
import type { CgroupPaths } from './cgroup-paths.ts';
import type { Containers } from './containers.ts';
import type { Count } from './counts.ts';
import type { StreamGuard } from './guard.ts';
import type { PathPattern } from './path-pattern.ts';
import { matchEntries, matchTexts } from './path-set.ts';
import type { ProcessTree } from './process-tree.ts';
import { ProcessTrees } from './process-trees.ts';
import {
  OTHER_SLOT,
  type RemoteNetwork,
  type StreamRule,
  type StreamRules,
  type WantedReads,
} from './rules.ts';

export interface ExcludeOptions {
  readonly rules: StreamRules;
  readonly count: Count;
  /** Told how many rows each exclusion drops, by its slot. */
  readonly suppressed?: (slot: number, rows: number) => void;
  readonly guard: StreamGuard;
  readonly cgroups: Pick<CgroupPaths, 'pathOf'>;
  readonly containers: Pick<Containers, 'factsOf'>;
  readonly userId: (name: string) => number | undefined;
  /** Of the pipelines before this one; default: none. */
  readonly trees?: ProcessTrees;
}

/** Narrows the mask to the rows where the condition holds; false when none is left for sure. */
type Condition = (batch: EventBatch, mask: Uint8Array) => boolean;

const MOVES_A_FILE = new Set(['rename', 'link']);
const READS = new Set(['open_read']);

/**
 * Drops the rows that a rule names, and counts them. process_seen rows always pass: joins need
 * them.
 *
 * ```
 * source   --a---b---c--|
 * exclude  --a---b---c--|   same batches, fewer rows selected
 * ```
 */
export function exclude(options: ExcludeOptions): OperatorFunction<EventBatch, EventBatch> {
  const roots = options.rules.exclude.flatMap(({ tree, mountNamespace }) =>
    tree === undefined ? [] : [[tree, mountNamespace] as const],
  );
  const trees = (options.trees ?? new ProcessTrees()).use(roots);
  let next = 0;
  const compiled = options.rules.exclude.map((rule) => {
    const tree = rule.tree && trees[next++];
    return { rule, tree, conditions: conditionsOf(rule, tree, options) };
  });
  const suppressed = options.suppressed ?? (() => {});
  const { reads } = options.rules;
  let mask = new Uint8Array(0);
  return options.guard.each('exclude', (batch) => {
    const before = batch.selected;
    if (mask.length < batch.rows) mask = new Uint8Array(batch.rows);
    try {
      for (const tree of new Set(trees)) tree.learn(batch);
      for (const { rule, conditions } of compiled) {
        if (!rule.classes.has(batch.className)) continue;
        mask.fill(1, 0, batch.rows);
        if (!conditions.every((holds) => holds(batch, mask))) continue;
        const left = batch.selected;
        dropMasked(batch, mask);
        if (batch.selected < left) suppressed(rule.slot, left - batch.selected);
      }
      if (reads !== undefined && batch.className === 'file') {
        const left = batch.selected;
        dropOtherReads(batch, reads);
        if (batch.selected < left) suppressed(OTHER_SLOT, left - batch.selected);
      }
    } finally {
      const dropped = before - batch.selected;
      if (dropped > 0) options.count('excludedStream', batch.native.eventClass, dropped);
    }
  });
}

function conditionsOf(
  rule: StreamRule,
  tree: ProcessTree | undefined,
  options: ExcludeOptions,
): Condition[] {
  const conditions: Condition[] = [];
  const { path, extension, executables, mountNamespace, uids, username, cgroup, port } = rule;
  const { actions, address, container } = rule;
  if (actions !== undefined) conditions.push((batch, mask) => actionIs(batch, mask, actions));
  if (path !== undefined) conditions.push((batch, mask) => fileIs(batch, mask, path));
  if (extension !== undefined) conditions.push((batch, mask) => fileIs(batch, mask, extension));
  // Of a tree it is asked of the root alone.
  if (mountNamespace !== undefined && tree === undefined) {
    conditions.push((batch, mask) => numberIs(batch.u32('mnt_ns'), mask, mountNamespace));
  }
  if (tree !== undefined) conditions.push((batch, mask) => isInTree(batch, mask, tree));
  if (executables !== undefined) {
    conditions.push((batch, mask) =>
      keep(batch.codes('path'), matchEntries(batch, 'path', executables), mask),
    );
  }
  if (uids !== undefined) conditions.push((batch, mask) => uidIs(batch, mask, uids));
  if (username !== undefined) {
    conditions.push((batch, mask) => {
      const uid = options.userId(username);
      return uid !== undefined && uidIs(batch, mask, [uid]);
    });
  }
  if (port !== undefined) conditions.push((batch, mask) => portIs(batch, mask, port));
  if (address !== undefined) {
    conditions.push((batch, mask) =>
      keep(batch.codes('remote_address'), matchNetwork(batch, address), mask),
    );
  }
  if (container !== undefined) {
    conditions.push((batch, mask) => containerIs(batch, mask, options.containers, container));
  }
  if (cgroup !== undefined) {
    const holds =
      'id' in cgroup
        ? sameId(cgroup.id)
        : (low: number, high: number, pid: number) =>
            cgroup.pattern.matchesText(options.cgroups.pathOf(low, high, pid) ?? '');
    conditions.push((batch, mask) => cgroupIs(batch, mask, holds));
  }
  return conditions;
}

function keep(codes: Uint32Array, flags: Uint16Array | undefined, mask: Uint8Array): boolean {
  if (flags === undefined) return false;
  for (let r = 0; r < codes.length; r++) {
    if (flags[codes[r] as number] === 0) mask[r] = 0;
  }
  return true;
}

function dropMasked(batch: EventBatch, mask: Uint8Array): void {
  for (let r = 0; r < batch.rows; r++) if (mask[r] === 1) batch.drop(r);
}

function actionIs(batch: EventBatch, mask: Uint8Array, actions: ReadonlySet<string>): boolean {
  // exec is the only action of its class, so that class has no such column.
  if (!batch.has('action')) return actions.has('exec');
  return keep(batch.codes('action'), matchTexts(batch, 'action', actions), mask);
}

/**
 * A rename or link that leaves the place named by the rule is kept: otherwise a file could be
 * prepared where nobody looks, and moved.
 */
function fileIs(batch: EventBatch, mask: Uint8Array, path: PathPattern): boolean {
  if (!keep(batch.codes('target_path'), matchEntries(batch, 'target_path', [path]), mask)) {
    return false;
  }
  const moves = matchTexts(batch, 'action', MOVES_A_FILE);
  if (moves === undefined) return true;
  const inside = matchEntries(batch, 'dest_path', [path]);
  const actions = batch.codes('action');
  const destinations = batch.codes('dest_path');
  for (let r = 0; r < batch.rows; r++) {
    const destination = destinations[r] as number;
    if (moves[actions[r] as number] === 0 || destination === 0) continue;
    if (inside === undefined || inside[destination] === 0) mask[r] = 0;
  }
  return true;
}

function uidIs(batch: EventBatch, mask: Uint8Array, uids: readonly number[]): boolean {
  const column = batch.u32('uid');
  let any = false;
  for (let r = 0; r < column.length; r++) {
    if (uids.includes(column[r] as number)) any = true;
    else mask[r] = 0;
  }
  return any;
}

function portIs(batch: EventBatch, mask: Uint8Array, port: number): boolean {
  const local = batch.u32('local_port');
  const remote = batch.u32('remote_port');
  let any = false;
  for (let r = 0; r < batch.rows; r++) {
    if (local[r] === port || remote[r] === port) any = true;
    else mask[r] = 0;
  }
  return any;
}

function numberIs(column: Uint32Array, mask: Uint8Array, wanted: number): boolean {
  let any = false;
  for (let r = 0; r < column.length; r++) {
    if (column[r] === wanted) any = true;
    else mask[r] = 0;
  }
  return any;
}

function isInTree(batch: EventBatch, mask: Uint8Array, tree: ProcessTree): boolean {
  if (tree.size === 0) return false;
  const ids = batch.i64('process_id');
  let any = false;
  for (let r = 0; r < batch.rows; r++) {
    if (tree.has(ids[r] as bigint)) any = true;
    else mask[r] = 0;
  }
  return any;
}

/** By code: 1 for each address of the network; undefined when none is. */
function matchNetwork(batch: EventBatch, { list }: RemoteNetwork): Uint16Array | undefined {
  const count = batch.dictionarySize('remote_address');
  let found: Uint16Array | undefined;
  for (let code = 1; code < count; code++) {
    const text = batch.text('remote_address', code) ?? '';
    const version = isIP(text);
    if (version === 0 || !list.check(text, version === 4 ? 'ipv4' : 'ipv6')) continue;
    found ??= new Uint16Array(count);
    found[code] = 1;
  }
  return found;
}

function sameId(id: bigint): (low: number, high: number) => boolean {
  const wantedLow = Number(id & 0xffffffffn);
  const wantedHigh = Number((id >> 32n) & 0xffffffffn);
  return (low, high) => low === wantedLow && high === wantedHigh;
}

/** Neighbouring rows mostly share their cgroup, so the last answer is asked first. */
function cgroupIs(
  batch: EventBatch,
  mask: Uint8Array,
  holds: (low: number, high: number, pid: number) => boolean,
): boolean {
  const ids = batch.halves('cgroup_id');
  const pids = batch.u32('pid');
  let any = false;
  let last = false;
  for (let r = 0; r < batch.rows; r++) {
    const low = ids[2 * r] as number;
    const high = ids[2 * r + 1] as number;
    if (r === 0 || low !== ids[2 * r - 2] || high !== ids[2 * r - 1]) {
      last = holds(low, high, pids[r] as number);
    }
    if (last) any = true;
    else mask[r] = 0;
  }
  return any;
}

/** As rows tell it: beside cgroup v1 it is not always the cgroup2 path that does. */
function containerIs(
  batch: EventBatch,
  mask: Uint8Array,
  containers: ExcludeOptions['containers'],
  id: string,
): boolean {
  const met = containersOf(batch, containers);
  if (met === undefined) return false;
  return keep(
    met.rows,
    Uint16Array.from(met.facts, (one) => (one?.id.startsWith(id) ? 1 : 0)),
    mask,
  );
}

/** The kernel matches reads by what the patterns begin with; here the rest of each must hold. */
function dropOtherReads(batch: EventBatch, wanted: readonly WantedReads[]): void {
  const reads = matchTexts(batch, 'action', READS);
  if (reads === undefined) return;
  const flags = wanted.map(({ paths, except }) => ({
    paths: matchEntries(batch, 'target_path', paths),
    except: matchEntries(batch, 'target_path', except),
  }));
  const actions = batch.codes('action');
  const codes = batch.codes('target_path');
  for (let r = 0; r < batch.rows; r++) {
    if (reads[actions[r] as number] === 0) continue;
    const code = codes[r] as number;
    const keep = flags.some(({ paths, except }) => paths?.[code] && !except?.[code]);
    if (!keep) batch.drop(r);
  }
}

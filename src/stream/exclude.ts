import type { OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';
import type { CgroupPaths } from './cgroup-paths.ts';
import type { Count } from './counts.ts';
import type { StreamGuard } from './guard.ts';
import type { PathPattern } from './path-pattern.ts';
import { matchEntries, matchTexts } from './path-set.ts';
import type { StreamRule, StreamRules, WantedReads } from './rules.ts';

export interface ExcludeOptions {
  readonly rules: StreamRules;
  readonly count: Count;
  readonly guard: StreamGuard;
  readonly cgroups: Pick<CgroupPaths, 'pathOf'>;
  readonly userId: (name: string) => number | undefined;
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
  const compiled = options.rules.exclude.map((rule) => ({
    rule,
    conditions: conditionsOf(rule, options),
  }));
  const { reads } = options.rules;
  let mask = new Uint8Array(0);
  return options.guard.each('exclude', (batch) => {
    const before = batch.selected;
    if (mask.length < batch.rows) mask = new Uint8Array(batch.rows);
    try {
      for (const { rule, conditions } of compiled) {
        if (!rule.classes.has(batch.className)) continue;
        mask.fill(1, 0, batch.rows);
        if (conditions.every((holds) => holds(batch, mask))) dropMasked(batch, mask);
      }
      if (reads !== undefined && batch.className === 'file') {
        dropOtherReads(batch, reads);
      }
    } finally {
      const dropped = before - batch.selected;
      if (dropped > 0) options.count('excludedStream', batch.native.eventClass, dropped);
    }
  });
}

function conditionsOf(rule: StreamRule, options: ExcludeOptions): Condition[] {
  const conditions: Condition[] = [];
  const { path, executables, uids, username, cgroup, port, actions } = rule;
  if (actions !== undefined) conditions.push((batch, mask) => actionIs(batch, mask, actions));
  if (path !== undefined) conditions.push((batch, mask) => fileIs(batch, mask, path));
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

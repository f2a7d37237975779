import { createHash } from 'node:crypto';
import type { ExclusionRule } from './schema.ts';

/** Keys that say which events a rule holds for; `tables` only says where it is asked. */
export const CONDITIONS = [
  ...(['path', 'extension', 'executable', 'executable_file', 'mount_namespace', 'tree'] as const),
  ...(['uid', 'user', 'cgroup', 'container', 'port', 'address', 'actions', 'query'] as const),
] as const;

export type ExclusionScope = NonNullable<ExclusionRule['scope']>;

export const scopeOf = (rule: ExclusionRule): ExclusionScope => rule.scope ?? 'collection';

/** @param now seconds since 1970 */
export const isExpired = (rule: ExclusionRule, now: number): boolean =>
  rule.expires !== undefined && rule.expires <= now;

/** What a rule says but for its name, its reason and its times. */
export function conditionsOf(rule: ExclusionRule): Partial<ExclusionRule> {
  const { id: _, scope: _scope, reason, created, expires, force, ...conditions } = rule;
  return conditions;
}

/** Its own, or one made of what it says: the same rule has the same id wherever it stands. */
export function exclusionId(rule: ExclusionRule): string {
  if (rule.id !== undefined) return rule.id;
  const said = Object.entries(conditionsOf(rule)).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([scopeOf(rule), ...said]);
  return `x${createHash('sha256').update(text).digest('hex').slice(0, 10)}`;
}

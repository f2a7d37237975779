import { type Invocation, isSet } from '../command.ts';
import { locate } from '../location.ts';
import { print } from '../output/print.ts';
import { safeJson, safeText } from '../output/safe-text.ts';
import { ruleOf } from './rule.ts';
import { openExclusions } from './source.ts';

/** `weir exclusions add`: prints its id and who decides. */
export async function add(invocation: Invocation, [json]: readonly string[]): Promise<number> {
  const rule = ruleOf(invocation, json, Date.now() / 1000);
  const source = await openExclusions(invocation, await locate(invocation));
  const added = await source.add(rule);
  if (isSet(invocation, 'json')) {
    await print(process.stdout, safeJson(`${JSON.stringify(added, null, 1)}\n`));
    return 0;
  }
  const by = added.decided_by === undefined ? 'from the next start on' : `by ${added.decided_by}`;
  const what = `${added.id}: ${JSON.stringify(added.conditions)} excluded from ${added.scope}, ${by}`;
  await print(process.stdout, `${safeText(what)}\n`);
  return 0;
}

/** `weir exclusions remove ID...`: all of them or none. */
export async function remove(invocation: Invocation, ids: readonly string[]): Promise<number> {
  const source = await openExclusions(invocation, await locate(invocation));
  const once = [...new Set(ids)];
  await source.remove(once);
  const answer = isSet(invocation, 'json')
    ? safeJson(`${JSON.stringify({ removed: once })}\n`)
    : `${safeText(once.join(', '))}: excluded no longer\n`;
  await print(process.stdout, answer);
  return 0;
}

import type { SqlValue } from '../../sql/types.ts';
import { type Invocation, isSet } from '../command.ts';
import { localTime } from '../detection-text.ts';
import { locate } from '../location.ts';
import { makeFormatter, screenOf } from '../output/make-formatter.ts';
import { print } from '../output/print.ts';
import { safeJson } from '../output/safe-text.ts';
import { type Listed, openExclusions } from './source.ts';

const COLUMNS = ['id', 'scope', 'decided_by', 'suppressed', 'status', 'conditions', 'reason'];

function cells(each: Listed): SqlValue[] {
  const until = each.expires === null ? '' : ` until ${localTime(each.expires)}`;
  return [
    each.id,
    each.scope,
    each.decided_by ?? null,
    each.suppressed === undefined ? null : BigInt(each.suppressed),
    `${each.status}${until}`,
    JSON.stringify(each.conditions),
    each.reason,
  ];
}

/** `weir exclusions list`. */
export async function list(invocation: Invocation): Promise<number> {
  const source = await openExclusions(invocation, await locate(invocation));
  const all = await source.list();
  if (isSet(invocation, 'json')) {
    await print(process.stdout, safeJson(`${JSON.stringify(all, null, 1)}\n`));
    return 0;
  }
  if (all.length === 0) {
    await print(process.stdout, 'nothing is excluded\n');
    return 0;
  }
  const formatter = makeFormatter('table', screenOf(process.stdout));
  const columns = COLUMNS.map((name) => ({
    name,
    type: name === 'suppressed' ? 'BIGINT' : 'TEXT',
  }));
  const drawn = formatter.begin(columns) + formatter.rows(all.map(cells)) + formatter.end();
  await print(process.stdout, drawn);
  if (!source.live) process.stderr.write('weir: no daemon runs, so nothing is counted\n');
  return 0;
}

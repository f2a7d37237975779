import { WeirError } from '../config/errors.ts';
import {
  DETECTION_STATUSES,
  type DetectionGroup,
  type DetectionStatus,
} from '../results/detection-group.ts';
import type { SqlValue } from '../sql/types.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { detectionId, openDetections, type ShownDetection } from './detection-source.ts';
import { detectionHeading, localTime, whatItWas } from './detection-text.ts';
import { locate } from './location.ts';
import { makeFormatter, screenOf } from './output/make-formatter.ts';
import { print } from './output/print.ts';
import { safeJson, safeText } from './output/safe-text.ts';
import { isSuppression, runSuppression, SUPPRESSING } from './suppressions.ts';

/** A list is for people: what is older is asked for in SQL. */
const MOST = 1000;
const MOST_ROWS = 1000;

const CHANGES: Readonly<Record<string, DetectionStatus>> = {
  acknowledge: 'acknowledged',
  close: 'closed',
  'false-positive': 'false_positive',
  reopen: 'new',
};

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

function statusOf(invocation: Invocation): DetectionStatus | undefined {
  const given = text(invocation, 'status')?.replaceAll('-', '_');
  if (given === undefined) return undefined;
  const status = DETECTION_STATUSES.find((each) => each === given);
  if (status !== undefined) return status;
  throw usage(`--status takes ${DETECTION_STATUSES.join(', ')}`);
}

const COLUMNS = ['id', 'status', 'severity', 'rule', 'count', 'first', 'last', 'what'].map(
  (name) => ({ name, type: name === 'id' || name === 'count' ? 'BIGINT' : 'TEXT' }),
);

function cells(group: DetectionGroup): SqlValue[] {
  return [
    BigInt(group.id),
    group.status,
    group.severity,
    group.rule,
    BigInt(group.count),
    localTime(group.firstTime),
    localTime(group.lastTime),
    whatItWas(group.row),
  ];
}

function listText(groups: readonly DetectionGroup[]): string {
  if (groups.length === 0) return 'no detections\n';
  const formatter = makeFormatter('table', screenOf(process.stdout));
  return formatter.begin(COLUMNS) + formatter.rows(groups.map(cells)) + formatter.end();
}

function shownText({ detection, rows }: ShownDetection): string {
  const lines = [...detectionHeading(detection)];
  if (rows.length < detection.count) lines.push(`the first ${rows.length} matching rows:`);
  for (const { id, unixTime, row } of rows) {
    lines.push('', safeText(`${localTime(unixTime)}  ${id}`));
    const columns = JSON.parse(row) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(columns)) {
      if (value !== '' && value !== null) lines.push(safeText(`  ${name} = ${String(value)}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

const withRow = <T extends { readonly row: string }>(each: T): object => ({
  ...each,
  row: JSON.parse(each.row) as unknown,
});
const jsonText = (value: unknown): string => safeJson(`${JSON.stringify(value, null, 1)}\n`);

/** `weir detections [list]`, `show ID`, the changes of status, and suppressions. */
export const run: Run = async (invocation) => {
  const [action = 'list', ...words] = invocation.args;
  if (isSuppression(action)) return await runSuppression(invocation, action, words);
  const [stray] = ['rule', 'for', 'reason'].filter((flag) => text(invocation, flag) !== undefined);
  if (stray !== undefined) throw usage(`--${stray} is for suppress`);
  const change = Object.hasOwn(CHANGES, action) ? CHANGES[action] : undefined;
  if (action !== 'list' && action !== 'show' && change === undefined) {
    const known = ['list', 'show', ...Object.keys(CHANGES), ...SUPPRESSING].join(', ');
    throw usage(`weir detections knows ${known}; not ${action}`);
  }
  if (action === 'list' && words.length > 0) throw usage(`unexpected argument ${words[0]}`);
  if (action === 'show' && words.length !== 1) throw usage('show takes the ID of one detection');
  if (change !== undefined && words.length === 0) throw usage(`${action} takes ID...`);
  const ids = [...new Set(words.map(detectionId))];
  const status = statusOf(invocation);
  if (status !== undefined && action !== 'list') throw usage('--status is for list');
  const json = isSet(invocation, 'json');

  const source = await openDetections(invocation, await locate(invocation));
  try {
    if (change !== undefined) {
      await source.setStatus(ids, change);
      const said = `${ids.length === 1 ? 'detection' : 'detections'} ${ids.join(', ')}`;
      await print(process.stdout, `${said}: ${change.replace('_', ' ')}\n`);
    } else if (action === 'show') {
      const shown = await source.show(ids[0] as number, MOST_ROWS);
      const { detection, rows } = shown;
      const all = { ...withRow(detection), rows: rows.map(withRow) };
      await print(process.stdout, json ? jsonText(all) : shownText(shown));
    } else {
      const groups = await source.list(MOST, status);
      await print(process.stdout, json ? jsonText(groups.map(withRow)) : listText(groups));
    }
    return 0;
  } finally {
    await source.close();
  }
};

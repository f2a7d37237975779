import { WeirError } from '../config/errors.ts';
import { duration } from '../config/schema/values.ts';
import {
  LONGEST_SUPPRESSION,
  type NewSuppression,
  type Suppression,
  type SuppressionCondition,
} from '../results/suppression.ts';
import type { SqlValue } from '../sql/types.ts';
import { type Invocation, isSet, text } from './command.ts';
import { openDetections } from './detection-source.ts';
import { localTime } from './detection-text.ts';
import { locate } from './location.ts';
import { makeFormatter, screenOf } from './output/make-formatter.ts';
import { print } from './output/print.ts';
import { safeJson, safeText } from './output/safe-text.ts';

/** What `weir detections` does with suppressions. */
export const SUPPRESSING = ['suppress', 'suppressions', 'unsuppress'] as const;
type Action = (typeof SUPPRESSING)[number];

export function isSuppression(action: string): action is Action {
  return (SUPPRESSING as readonly string[]).includes(action);
}

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

const CONDITION = /^([A-Za-z_]\w*)([=~])(.*)$/s;

function condition(word: string): SuppressionCondition {
  const [, column, how, wanted] = CONDITION.exec(word) ?? [];
  if (column === undefined || wanted === undefined) {
    throw usage(`${word} is no condition: COLUMN=TEXT, or COLUMN~PATTERN with * and ?`);
  }
  return { column, how: how === '=' ? 'is' : 'like', text: wanted };
}

function wanted(invocation: Invocation, words: readonly string[]): NewSuppression {
  const [rule = '', reason = ''] = ['rule', 'reason'].map((flag) => text(invocation, flag));
  if (rule === '') throw usage('suppress takes --rule RULE, a name as "weir detections" shows it');
  if (rule.length > 255) throw usage('--rule takes at most 255 characters');
  if (reason.trim() === '')
    throw usage('suppress takes --reason TEXT: who reads the list asks why');
  if (reason.length > 1000) throw usage('--reason takes at most 1000 characters');
  return { rule, conditions: words.map(condition), reason };
}

function seconds(invocation: Invocation): number {
  const given = text(invocation, 'for') ?? '';
  const parsed = duration.safeParse(given);
  if (!parsed.success || parsed.data < 1 || parsed.data > LONGEST_SUPPRESSION) {
    throw usage('suppress takes --for TIME, such as 90s, 15m, 12h, 7d or 2w, at most 366d');
  }
  return parsed.data;
}

function suppressionId(word: string): number {
  if (/^[1-9]\d{0,14}$/.test(word)) return Number(word);
  throw usage(`${word} is no suppression: a number as "weir detections suppressions" shows it`);
}

const COLUMNS = ['id', 'rule', 'where', 'until', 'count', 'last', 'reason'].map((name) => ({
  name,
  type: name === 'id' || name === 'count' ? 'BIGINT' : 'TEXT',
}));

function whereText({ conditions }: Suppression): string {
  const words = conditions.map(
    ({ column, how, text }) => `${column}${how === 'is' ? '=' : '~'}${text}`,
  );
  return words.join(' ') || '(every row)';
}

function listText(all: readonly Suppression[]): string {
  if (all.length === 0) return 'no suppressions\n';
  const now = Date.now() / 1000;
  const formatter = makeFormatter('table', screenOf(process.stdout));
  const rows = all.map((each): SqlValue[] => [
    BigInt(each.id),
    each.rule,
    whereText(each),
    each.until > now ? localTime(each.until) : `ended ${localTime(each.until)}`,
    BigInt(each.count),
    each.lastTime === null ? '' : localTime(each.lastTime),
    each.reason,
  ]);
  return formatter.begin(COLUMNS) + formatter.rows(rows) + formatter.end();
}

/** `weir detections suppress`, `suppressions` and `unsuppress ID...`. */
export async function runSuppression(
  invocation: Invocation,
  action: Action,
  words: readonly string[],
): Promise<number> {
  const asked =
    action === 'suppress'
      ? { made: wanted(invocation, words), seconds: seconds(invocation) }
      : undefined;
  if (action === 'suppressions' && words.length > 0) throw usage(`unexpected argument ${words[0]}`);
  if (action === 'unsuppress' && words.length === 0) throw usage('unsuppress takes ID...');
  const ids = action === 'unsuppress' ? [...new Set(words.map(suppressionId))] : [];
  const json = isSet(invocation, 'json');
  const source = await openDetections(invocation, await locate(invocation));
  try {
    let said: string;
    if (asked !== undefined) {
      const made = await source.suppress(asked.made, asked.seconds);
      const until = localTime(made.until);
      said = json
        ? safeJson(`${JSON.stringify(made, null, 1)}\n`)
        : safeText(`suppression ${made.id}: ${made.rule}, ${whereText(made)}, until ${until}`) +
          '\n';
    } else if (action === 'unsuppress') {
      await source.unsuppress(ids);
      said = `${ids.length === 1 ? 'suppression' : 'suppressions'} ${ids.join(', ')}: removed\n`;
    } else {
      const all = await source.suppressions();
      said = json ? safeJson(`${JSON.stringify(all, null, 1)}\n`) : listText(all);
    }
    await print(process.stdout, said);
    return 0;
  } finally {
    await source.close();
  }
}

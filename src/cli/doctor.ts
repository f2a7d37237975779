import { WeirError } from '../config/errors.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { examine, examineTable } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { clearBootGuard, fix } from './doctor/fix.ts';
import type { EventHooks } from './doctor/hooks.ts';
import { locate } from './location.ts';
import { safeJson, safeText } from './output/safe-text.ts';

const say = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);

const MARKS: Readonly<Record<Finding['level'], string>> = {
  ok: 'ok      ',
  info: 'info    ',
  warning: 'warning ',
  problem: 'PROBLEM ',
};

function sayHooks(events: readonly EventHooks[]): void {
  if (events.length === 0) return;
  say('');
  const rows = [
    ['event', 'tier', 'hook'],
    ...events.map(({ event, tier, hooks }) => [event, tier || 'none', hooks.join(' ')]),
  ];
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [first, second] = [width(0), width(1)];
  for (const [event = '', tier = '', hooks = ''] of rows) {
    say(`${event.padEnd(first)}  ${tier.padEnd(second)}  ${hooks}`);
  }
}

function sayFindings(findings: readonly Finding[]): void {
  for (const { area, level, text: told, remedy } of findings) {
    say(`${MARKS[level]}${area}: ${told}`);
    if (remedy !== undefined) say(`          ${remedy}`);
  }
}

function checkWords(invocation: Invocation): void {
  const { args } = invocation;
  const repairs = ['fix', 'clear-boot-guard'].filter((flag) => isSet(invocation, flag));
  const wrong =
    repairs.length > 1
      ? '--fix and --clear-boot-guard exclude each other'
      : repairs.length === 1 && args.length > 0
        ? `--${repairs[0]} takes no table`
        : isSet(invocation, 'yes') && !isSet(invocation, 'fix')
          ? '--yes goes with --fix'
          : undefined;
  if (wrong !== undefined) throw new WeirError('USAGE', wrong, { exitCode: 64 });
}

/** Ends with 1 when there is a problem, else with 0. */
export const run: Run = async (invocation) => {
  checkWords(invocation);
  if (isSet(invocation, 'clear-boot-guard')) {
    return clearBootGuard((await locate(invocation)).stateDir);
  }
  if (isSet(invocation, 'fix')) return fix(isSet(invocation, 'yes'));
  const [table] = invocation.args;
  const place = { location: await locate(invocation), configFile: text(invocation, 'config') };
  const { findings, events } =
    table === undefined ? await examine(place) : await examineTable(place, table);
  if (isSet(invocation, 'json')) {
    const body = table === undefined ? { findings, events } : { findings };
    process.stdout.write(`${safeJson(JSON.stringify(body, null, 2))}\n`);
  } else {
    sayFindings(findings);
    sayHooks(events);
  }
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
};

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocument } from './document.ts';
import { WeirError } from './errors.ts';
import { exclusionId, isExpired } from './exclusion.ts';
import { problemText } from './problems.ts';
import { replaceFile } from './replace-file.ts';
import type { ExclusionRule } from './schema.ts';

/** Exclusions that were added by command: in the state directory, where a daemon may write. */
export const exclusionFile = (stateDir: string): string => join(stateDir, 'exclusions.json');

/** @throws WeirError CONFIG_UNREADABLE, CONFIG_INVALID (78) */
export function readExclusions(stateDir: string): readonly ExclusionRule[] {
  const file = exclusionFile(stateDir);
  if (!existsSync(file)) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `cannot read ${file}: ${(cause as Error).message}`;
    throw new WeirError('CONFIG_UNREADABLE', message, { exitCode: 78, cause });
  }
  return checked(text, file);
}

/** @throws WeirError CONFIG_NOT_WRITTEN, NOT_PERMITTED (77) */
export function writeExclusions(stateDir: string, rules: readonly ExclusionRule[]): void {
  replaceFile(exclusionFile(stateDir), `${JSON.stringify({ exclude: rules }, null, 2)}\n`);
}

/** A new one. @throws WeirError EXCLUSION_INVALID: what is wrong with it, a line each */
export function checkExclusion(rule: unknown): ExclusionRule {
  try {
    const [only] = checked(JSON.stringify({ exclude: [rule] }));
    if (only !== undefined && isExpired(only, Date.now() / 1000)) {
      throw new WeirError('CONFIG_INVALID', 'expires: it is over already; give a later time');
    }
    if (only !== undefined) return only;
  } catch (error) {
    const message = (error as Error).message.replaceAll(
      /^(?:\d+:\d+: )?(?:error: )?(?:exclude\[0\](?:\.|: )?)?/gm,
      '',
    );
    throw new WeirError('EXCLUSION_INVALID', message, { exitCode: 64, cause: error });
  }
  throw new WeirError('EXCLUSION_INVALID', 'an exclusion is an object', { exitCode: 64 });
}

/** @throws WeirError EXCLUSION_EXISTS when one has that id */
export function withExclusion(
  rules: readonly ExclusionRule[],
  rule: ExclusionRule,
): readonly ExclusionRule[] {
  const id = exclusionId(rule);
  if (rules.some((other) => exclusionId(other) === id)) {
    const message = `there is an exclusion ${id} already; "weir exclusions remove ${id}" removes it`;
    throw new WeirError('EXCLUSION_EXISTS', message);
  }
  return [...rules, rule];
}

/**
 * @param configured those of the configuration, which cannot be removed here
 * @throws WeirError EXCLUSION_UNKNOWN
 */
export function withoutExclusion(
  rules: readonly ExclusionRule[],
  configured: readonly ExclusionRule[],
  id: string,
): readonly ExclusionRule[] {
  const left = rules.filter((rule) => exclusionId(rule) !== id);
  if (left.length < rules.length) return left;
  const told = configured.some((rule) => exclusionId(rule) === id);
  const why = told
    ? `exclusion ${id} is in the configuration; take it out of "exclude" there, then "weir reload"`
    : `there is no exclusion ${id}; "weir exclusions list" shows them`;
  throw new WeirError('EXCLUSION_UNKNOWN', why);
}

function checked(text: string, file?: string): readonly ExclusionRule[] {
  const { value, problems } = checkDocument(text);
  if (value !== undefined) return value.exclude;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const lines = errors.map((problem) => problemText(problem, file));
  throw new WeirError('CONFIG_INVALID', lines.join('\n'), { exitCode: 78 });
}

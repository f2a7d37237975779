import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { TableContext } from '../../bridge/context.ts';
import { scanner, type YaraMatch, type YaraResult, type YaraRules } from './scan.ts';

/** Where osquery looks for a sigfile that is no absolute path; weir's own folder comes first. */
const HOMES = ['/etc/weir/yara', '/etc/osquery/yara'];
/** Of one file or process. */
export const SCAN_SECONDS = 60;

/** Rules that a query names, and the column that it names them in. */
export interface Signature {
  readonly column: 'sig_group' | 'sigfile' | 'sigrule';
  readonly value: string;
  readonly rules: readonly YaraRules[];
}

type Groups = Readonly<Record<string, readonly string[]>>;
const GROUPS = 'weir.yara.signatures';

/** Sets the files of each signature group for this thread and all that it starts from now on. */
export function useSignatureGroups(groups: Groups): void {
  setEnvironmentData(GROUPS, groups);
}

function filesOf(group: string): readonly string[] {
  const groups = (getEnvironmentData(GROUPS) ?? {}) as Groups;
  const files = Object.hasOwn(groups, group) ? groups[group] : undefined;
  if (files !== undefined) return files;
  throw new Error(`no signature group "${group}" is configured (yara.signatures)`);
}

type Columns = 'sig_group' | 'sigfile' | 'sigrule' | 'sigurl';

function compile(source: string, name: string): YaraRules {
  const rules = scanner().compile(source);
  if (typeof rules === 'string') throw new Error(`${name}: ${rules}`);
  return rules;
}

/** Where a file of rules may be. */
export function rulePaths(sigfile: string): readonly string[] {
  return sigfile.startsWith('/') ? [sigfile] : HOMES.map((home) => `${home}/${sigfile}`);
}

function readRules(context: TableContext<Columns>, sigfile: string): string {
  const paths = rulePaths(sigfile);
  for (const path of paths) {
    const source = context.host.text(path);
    if (source !== undefined) return source;
  }
  throw new Error(`there are no rules in ${paths.join(' or ')}`);
}

/**
 * Rules of the query: a configured group (`sig_group`), a file of rules (`sigfile`) or their text
 * (`sigrule`). Compiled once for a statement.
 *
 * @throws Error when there are none, or they are wrong
 */
export function signatures(context: TableContext<Columns>): readonly Signature[] {
  if (context.equals('sigurl') !== undefined) {
    throw new Error('rules are not fetched from anywhere; name a sigfile or a sigrule');
  }
  const ofFile = (file: string): YaraRules =>
    context.once(`file ${file}`, () => compile(readRules(context, file), file));
  const groups = (context.texts('sig_group') ?? []).map((value): Signature => {
    return { column: 'sig_group', value, rules: filesOf(value).map(ofFile) };
  });
  const files = (context.texts('sigfile') ?? []).map((value): Signature => {
    return { column: 'sigfile', value, rules: [ofFile(value)] };
  });
  const texts = (context.texts('sigrule') ?? []).map((value): Signature => {
    const rules = context.once(`rule ${value}`, () => compile(value, 'sigrule'));
    return { column: 'sigrule', value, rules: [rules] };
  });
  const all = [...groups, ...files, ...texts];
  if (all.length === 0) {
    throw new Error('a constraint on sig_group, sigfile or sigrule is needed');
  }
  return all;
}

/** Scans with all rules of a signature; undefined when there is nothing to scan. */
export function scanWith(
  { rules }: Pick<Signature, 'rules'>,
  scan: (rules: YaraRules) => YaraResult | undefined,
): YaraResult | undefined {
  const matches: YaraMatch[] = [];
  for (const each of rules) {
    const result = scan(each);
    if (result === undefined || result.error !== '') return result;
    matches.push(...result.matches);
  }
  return { matches, error: '' };
}

/** The columns that both tables share, as osquery joins them. */
export function matchColumns(signature: Signature, { matches }: YaraResult) {
  const list = (pick: (match: YaraMatch) => readonly string[]): string =>
    matches.flatMap(pick).join(',');
  return {
    matches: list(({ rule }) => [rule]),
    count: matches.length,
    strings: list(({ strings }) => strings),
    tags: list(({ tags }) => tags),
    sig_group: '',
    sigfile: '',
    sigrule: '',
    [signature.column]: signature.value,
  };
}

import type { TableContext } from '../../bridge/context.ts';
import { scanner, type YaraMatch, type YaraResult, type YaraRules } from './scan.ts';

/** Where osquery looks for a sigfile that is no absolute path; weir's own folder comes first. */
const HOMES = ['/etc/weir/yara', '/etc/osquery/yara'];
/** Of one file or process. */
export const SCAN_SECONDS = 60;

/** Rules that a query names, and the column that it names them in. */
export interface Signature {
  readonly column: 'sigfile' | 'sigrule';
  readonly value: string;
  readonly rules: YaraRules;
}

type Columns = 'sig_group' | 'sigfile' | 'sigrule' | 'sigurl';

function compile(source: string, name: string): YaraRules {
  const rules = scanner().compile(source);
  if (typeof rules === 'string') throw new Error(`${name}: ${rules}`);
  return rules;
}

function readRules(context: TableContext<Columns>, sigfile: string): string {
  const paths = sigfile.startsWith('/') ? [sigfile] : HOMES.map((home) => `${home}/${sigfile}`);
  for (const path of paths) {
    const source = context.host.text(path);
    if (source !== undefined) return source;
  }
  throw new Error(`there are no rules in ${paths.join(' or ')}`);
}

/**
 * Rules of the query: a file of rules (`sigfile`) or their text (`sigrule`). Compiled once for a
 * statement.
 *
 * @throws Error when there are none, or they are wrong
 */
export function signatures(context: TableContext<Columns>): readonly Signature[] {
  if (context.equals('sig_group') !== undefined) {
    throw new Error('signature groups are not configured; name a sigfile or a sigrule');
  }
  if (context.equals('sigurl') !== undefined) {
    throw new Error('rules are not fetched from anywhere; name a sigfile or a sigrule');
  }
  const files = (context.texts('sigfile') ?? []).map((value): Signature => {
    const rules = context.once(`file ${value}`, () => compile(readRules(context, value), value));
    return { column: 'sigfile', value, rules };
  });
  const texts = (context.texts('sigrule') ?? []).map((value): Signature => {
    const rules = context.once(`rule ${value}`, () => compile(value, 'sigrule'));
    return { column: 'sigrule', value, rules };
  });
  const all = [...files, ...texts];
  if (all.length === 0) throw new Error('a constraint on sigfile or sigrule is needed');
  return all;
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

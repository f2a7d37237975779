/** Output of `iptables-save -c`: rules with their counts, as they would be given again. */

export interface Rule {
  readonly table: string;
  readonly chain: string;
  /** '' of a chain that a user made. */
  readonly policy: string;
  readonly packets: string;
  readonly bytes: string;
  /** Words after -A CHAIN; none for a chain without rules. */
  readonly words: readonly string[];
}

/** Words between blanks; quotes protect blanks, a backslash quotes and itself. */
function split(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain as string) : quoted.replaceAll(/\\(.)/g, '$1'),
  );
}

/** Rules in order; a chain without rules is one entry, with the counts of its policy. */
export function parseRules(output: string): Rule[] {
  const rules: Rule[] = [];
  const chains = new Map<string, Rule>();
  let table = '';
  const finish = (): void => {
    const used = new Set(rules.map((rule) => `${rule.table} ${rule.chain}`));
    for (const [name, chain] of chains) if (!used.has(`${table} ${name}`)) rules.push(chain);
    chains.clear();
  };
  for (const line of output.split('\n')) {
    const chain = /^:(\S+) (\S+)(?: \[(\d+):(\d+)\])?/.exec(line);
    const rule = /^\[(\d+):(\d+)\] -A (\S+) ?(.*)$/.exec(line);
    if (line.startsWith('*')) {
      table = line.slice(1).trim();
    } else if (chain !== null) {
      const [, name = '', policy = '', packets = '0', bytes = '0'] = chain;
      const shown = policy === '-' ? '' : policy;
      chains.set(name, { table, chain: name, policy: shown, packets, bytes, words: [] });
    } else if (rule !== null) {
      const [, packets = '', bytes = '', name = '', rest = ''] = rule;
      const policy = chains.get(name)?.policy ?? '';
      rules.push({ table, chain: name, policy, packets, bytes, words: split(rest) });
    } else if (line === 'COMMIT') {
      finish();
    }
  }
  return rules;
}

/** What follows one of the options, or ''; with ! before the option it is not that. */
export function option(words: readonly string[], ...names: readonly string[]): string {
  const at = words.findIndex((word) => names.includes(word));
  if (at < 0) return '';
  return `${words[at - 1] === '!' ? '!' : ''}${words[at + 1] ?? ''}`;
}

import { posix } from 'node:path';
import { defineTable, text } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';
import { words } from '../../host/parse.ts';

/** sudoers(5): no more than 128 files may include each other. */
const MAX_NESTING = 128;

interface Rule {
  readonly source: string;
  readonly header: string;
  readonly rule_details: string;
}

/** Lines whose ends are not protected by a backslash. */
function logicalLines(host: Host, path: string): string[] {
  return host
    .lines(path)
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.trim());
}

/** Files of a folder that sudo reads: without a dot, not ending in ~, in order of their names. */
function includedFiles(host: Host, folder: string): string[] {
  return host
    .names(folder)
    .filter((name) => !name.includes('.') && !name.endsWith('~'))
    .sort()
    .map((name) => posix.join(folder, name));
}

function* rules(host: Host, source: string, open: readonly string[]): Iterable<Rule> {
  if (open.length > MAX_NESTING || open.includes(source)) return;
  const within = [...open, source];
  for (const line of logicalLines(host, source)) {
    const include = /^[#@](include|includedir)\s+(.+)$/.exec(line);
    if (include === null) {
      const [header, ...rest] = words(line);
      if (header === undefined || header.startsWith('#')) continue;
      yield { source, header, rule_details: rest.join(' ') };
      continue;
    }
    const [, header = '', given = ''] = include;
    const path = given.replace(/^"(.*)"$/, '$1');
    const target = path.startsWith('/') ? path : posix.join(posix.dirname(source), path);
    yield { source, header, rule_details: target };
    const files = header === 'include' ? [target] : includedFiles(host, target);
    for (const file of files) yield* rules(host, file, within);
  }
}

export const sudoers = defineTable({
  name: 'sudoers',
  description: 'Rules of sudo, from /etc/sudoers and what it includes',
  rows: 30,
  columns: {
    source: text('File that the rule is in'),
    header: text('First word: user, group, alias, Defaults, include'),
    rule_details: text('The rest'),
  },
  examples: ["SELECT header, rule_details FROM sudoers WHERE rule_details LIKE '%NOPASSWD%'"],
  generate: ({ host }) => rules(host, '/etc/sudoers', []),
});

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseJsonc } from '../config/jsonc.ts';
import { type Pack, packSchema } from './pack-schema.ts';

const HEAD = `# Shipped rules

Generated from \`queries/\` by \`npm run docs\`; do not edit. [Detections](detections.md) tells how rules
are written, tested and switched off. **Reads**: the rule sees what \`collect.read_paths\` names only.
`;

/** docs/rules.md: the rules of packs, by pack. Throws on a pack that is not sound. */
export function ruleReference(folder: string, files: readonly string[]): string {
  const packs = files.map((file) => {
    const pack = packSchema.parse(parseJsonc(readFileSync(join(folder, file))).value);
    return { name: basename(file, '.json'), pack };
  });
  const total = packs.reduce((sum, { pack }) => sum + Object.keys(pack.queries).length, 0);
  const sections = packs.map(({ name, pack }) => section(name, pack));
  return [HEAD, `${total} rules in ${packs.length} packs.\n`, ...sections].join('\n');
}

function section(name: string, { description = '', queries }: Pack): string {
  const rows = Object.entries(queries).map(([rule, query]) => {
    const techniques = (query.attack ?? []).map(technique).join(', ');
    const reads = query.query.includes("'open_read'") ? ' **Reads.**' : '';
    const known = (query.false_positives ?? []).map(cell).join('; ');
    return `| \`${rule}\` | ${query.severity ?? ''} | ${techniques} | ${cell(query.description ?? '')}.${reads} | ${known} |`;
  });
  const head =
    '| Rule | Severity | ATT&CK | What happened | Known to fire it |\n|---|---|---|---|---|';
  return `## ${name}\n\n${description}: ${rows.length} rules.\n\n${head}\n${rows.join('\n')}\n`;
}

function technique(id: string): string {
  return `[${id}](https://attack.mitre.org/techniques/${id.replace('.', '/')}/)`;
}

/** What would end a table cell or start markup. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('_', '\\_').replaceAll('*', '\\*');
}

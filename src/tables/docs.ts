import { EVENT_TABLES } from './events/index.ts';
import type { ColumnSpec, EventTableSpec } from './spec.ts';
import { STATUS_TABLES, type StatusTableSpec } from './status.ts';

const HEAD = `# Tables

Generated from \`src/tables/\` by \`npm run docs\`; do not edit.

Columns that osquery has come first, under its names; weir's own follow. A hidden column is not part
of \`SELECT *\` and is had by name. Every event table \`T\` has two companions with the same columns,
\`new_T\` and \`old_T\`, which show the part of it that a scheduled query has not seen yet and the part
before that; they work only inside a scheduled query.
`;

/** What would end a table cell or start markup. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('_', '\\_').replaceAll('\n', ' ');
}

function columnRow(column: ColumnSpec): string {
  const name = `\`${column.name}\`${column.hidden ? ' (hidden)' : ''}`;
  const aliases = column.aliases?.map((alias) => `\`${alias}\``).join(', ');
  const also = aliases === undefined ? '' : ` Also as ${aliases}.`;
  return `| ${name} | ${cell(column.type)} | ${cell(column.description)}.${also} |`;
}

function columnTable(rows: readonly string[]): string {
  return ['| Column | Type | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function eventTable(table: EventTableSpec): string {
  const examples = table.examples.map((sql) => `\`\`\`sql\n${sql};\n\`\`\``);
  return [
    `## ${table.name}`,
    `${table.description}.`,
    columnTable(table.columns.map(columnRow)),
    ...examples,
  ].join('\n\n');
}

function statusTable(table: StatusTableSpec): string {
  const rows = table.columns.map(
    ([name, type, description]) => `| \`${name}\` | ${type} | ${cell(description)}. |`,
  );
  return [`## ${table.name}`, `${table.description}.`, columnTable(rows)].join('\n\n');
}

/** The reference of all tables in Markdown. */
export function tableReference(): string {
  const tables = [...EVENT_TABLES.map(eventTable), ...STATUS_TABLES.map(statusTable)];
  return `${[HEAD.trimEnd(), ...tables].join('\n\n')}\n`;
}

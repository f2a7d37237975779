import { ELSEWHERE, type StateColumn, type StateTable } from './bridge/table.ts';
import { EVENT_TABLES } from './events/index.ts';
import { findStateTables } from './find-state-tables.ts';
import { LEFT_OUT } from './left-out.ts';
import type { ColumnSpec, EventTableSpec } from './spec.ts';
import { STATUS_TABLES, type StatusTableSpec } from './status.ts';

const HEAD = `# Tables

Generated from \`src/tables/\` by \`npm run docs\`; do not edit.

Columns that osquery has come first, under its names; weir's own follow. A hidden column is not part
of \`SELECT *\` and is had by name. Every event table \`T\` has two companions with the same columns,
\`new_T\` and \`old_T\`, which show the part of it that a scheduled query has not seen yet and the part
before that; they work only inside a scheduled query.

The tables of the [host's state](#host-state) are made when a query asks. What osquery has and
weir does not is [at the end](#left-out), with the reason.
`;

const STATE_HEAD = `## Host state

These tables have no rows stored: a query reads the host as it is. A column marked **required** must
have a constraint (one of them, where there are several), as in \`WHERE path = '/etc/passwd'\` or in a
join, or the query fails and says so. **Fast** columns find their rows without making the others.
What cannot be read is left out, with a warning beside the result. \`pid_with_namespace = PID\` reads
the files of that process's root, a container's, in place of the host's.
[Tables in TypeScript](tables-in-typescript.md) says how to add one.`;

/** What would end a table cell or start markup. */
function cell(text: string): string {
  // Code shows a backslash as it is; only the bar of a table needs one there too.
  const plain = text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return plain.replaceAll(/`[^`]*`|_/g, (found) => (found === '_' ? '\\_' : found));
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

function stateColumn([name, column]: [string, StateColumn]): string {
  const marks = [
    column.hidden && '(hidden)',
    column.required && '**required**',
    column.index && !column.required && '**fast**',
  ].filter((mark) => mark);
  const aliases = column.aliases?.map((alias) => `\`${alias}\``).join(', ');
  const also = aliases === undefined ? '' : ` Also as ${aliases}.`;
  const shown = [`\`${name}\``, ...marks].join(' ');
  return `| ${shown} | ${cell(column.type)} | ${cell(column.description)}.${also} |`;
}

/** Columns that Linux never fills are named in one line. */
function stateTable(table: StateTable): string {
  const entries = Object.entries(table.columns);
  const filled = entries.filter(([, column]) => column.description !== ELSEWHERE);
  const others = entries.filter(([, column]) => column.description === ELSEWHERE);
  const names = others.map(([name]) => `\`${name}\``).join(', ');
  const aliases = table.aliases?.map((alias) => `\`${alias}\``).join(', ');
  return [
    `### ${table.name}`,
    `${table.description}.${aliases === undefined ? '' : ` Also as ${aliases}.`}`,
    columnTable(filled.map(stateColumn)),
    ...(others.length === 0 ? [] : [`Hidden, and always NULL on Linux: ${names}.`]),
    ...table.examples.map((sql) => `\`\`\`sql\n${sql};\n\`\`\``),
  ].join('\n\n');
}

/** osquery's tables that are not there, with the reason. */
function leftOut(): string {
  const rows = LEFT_OUT.map(({ tables, reason }) => {
    const names = tables.map((name) => `\`${name}\``).join(', ');
    return `| ${names} | ${cell(reason)}. |`;
  });
  return [
    '## Left out',
    'Tables that osquery has on Linux and weir does not:',
    ['| Tables | Why |', '| --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

/** The reference of all tables in Markdown. */
export function tableReference(): string {
  const tables = [
    ...EVENT_TABLES.map(eventTable),
    ...STATUS_TABLES.map(statusTable),
    STATE_HEAD,
    ...findStateTables().map(stateTable),
    leftOut(),
  ];
  return `${[HEAD.trimEnd(), ...tables].join('\n\n')}\n`;
}

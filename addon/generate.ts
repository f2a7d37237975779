/**
 * Writes build/generated/weir_schema.h: physical columns of every event class and the SQL tables
 * that show them, as C++ constants. Run by the addon build; src/sensor/schema.ts and
 * src/tables/events/ stay the only places that say what a column is.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CLASS_NAMES, CLASSES } from '../src/sensor/schema.ts';
import { EVENT_TABLES } from '../src/tables/events/index.ts';
import type { ColumnSpec, EventTableSpec, From } from '../src/tables/spec.ts';

const pascal = (name: string): string =>
  name.replace(/(^|_)([a-z0-9])/g, (_, _bar: string, letter: string) => letter.toUpperCase());
const quote = (text: string): string => JSON.stringify(text).replaceAll("'", "\\'");

function classLines(): string[] {
  const lines: string[] = ['enum class Kind : uint8_t { kU32, kI64, kText };'];
  lines.push('enum class Origin : uint8_t { kStored, kBatch, kStream };');
  lines.push('struct PhysicalColumn { const char* name; Kind kind; Origin origin; };');
  const kinds = { u32: 'kU32', i64: 'kI64', text: 'kText' } as const;
  const origins = { batch: 'kBatch', stream: 'kStream' } as const;
  for (const name of CLASS_NAMES) {
    const columns = CLASSES[name];
    const constants = columns.map((c, i) => `k${pascal(c.name)} = ${i}`).join(', ');
    lines.push(
      `namespace ${name}_column { enum : int { ${constants}, kColumns = ${columns.length} }; }`,
    );
    const rows = columns
      .map(
        (c) =>
          `{${quote(c.name)}, Kind::${kinds[c.kind]}, Origin::${c.origin ? origins[c.origin] : 'kStored'}}`,
      )
      .join(', ');
    lines.push(`inline constexpr PhysicalColumn k${pascal(name)}Columns[] = {${rows}};`);
  }
  lines.push('struct ClassSpec { const char* name; const PhysicalColumn* columns; int count; };');
  const specs = CLASS_NAMES.map((n) => `{${quote(n)}, k${pascal(n)}Columns, ${CLASSES[n].length}}`);
  lines.push(`inline constexpr ClassSpec kClasses[] = {${specs.join(', ')}};`);
  lines.push(`inline constexpr int kClassCount = ${CLASS_NAMES.length};`);
  return lines;
}

const HOW = {
  column: 'kColumn',
  seconds: 'kSeconds',
  decimal: 'kDecimal',
  octal: 'kOctal',
  map: 'kMap',
  default: 'kDefault',
  equals: 'kEquals',
  seq: 'kSeq',
  eid: 'kEid',
  constant: 'kConstant',
} as const;

function physicalIndex(table: EventTableSpec, name: string): number {
  const index = CLASSES[table.class].findIndex((c) => c.name === name);
  if (index < 0) throw new Error(`${table.name}: class ${table.class} has no column ${name}`);
  if (CLASSES[table.class][index]?.origin === 'batch') {
    throw new Error(`${table.name}: ${name} is not stored`);
  }
  return index;
}

/** {how, physical column, text, integer, is_null, map, map_count} */
function from(table: EventTableSpec, column: ColumnSpec, maps: string[]): string {
  const source: From = column.from;
  const index = 'column' in source ? physicalIndex(table, source.column) : -1;
  let text = 'nullptr';
  let integer = '0';
  let map = 'nullptr';
  let count = 0;
  if (source.how === 'default' || source.how === 'equals') text = quote(source.value);
  if (source.how === 'constant') {
    if (typeof source.value === 'string') text = quote(source.value);
    else if (typeof source.value === 'number') integer = String(source.value);
  }
  const isNull = source.how === 'constant' && source.value === null;
  if (source.how === 'map') {
    const entries = Object.entries(source.map);
    map = `k${pascal(table.name)}${pascal(column.name)}Map`;
    count = entries.length;
    const pairs = entries.map(([a, b]) => `{${quote(a)}, ${quote(b)}}`).join(', ');
    maps.push(`inline constexpr MapEntry ${map}[] = {${pairs}};`);
  }
  return `How::${HOW[source.how]}, ${index}, ${text}, ${integer}, ${isNull}, ${map}, ${count}`;
}

/** The statement for sqlite3_declare_vtab. Aliases are further hidden columns. */
function declaration(table: EventTableSpec): string {
  const define = (name: string, c: ColumnSpec, hidden: boolean): string =>
    `"${name}" ${c.type}${c.collate ? ` COLLATE ${c.collate}` : ''}${hidden ? ' HIDDEN' : ''}`;
  const columns = table.columns.map((c) => define(c.name, c, c.hidden ?? false));
  const aliases = table.columns.flatMap((c) => (c.aliases ?? []).map((a) => define(a, c, true)));
  return `CREATE TABLE x(${[...columns, ...aliases].join(', ')})`;
}

function tableLines(): string[] {
  const lines = [
    `enum class How : uint8_t { ${Object.values(HOW).join(', ')} };`,
    'struct MapEntry { const char* from; const char* to; };',
    'struct FaceColumn { const char* name; const char* type; bool hidden; How how; int column; const char* text; int64_t integer; bool is_null; const MapEntry* map; int map_count; };',
    'struct TableSpec { const char* name; int event_class; bool file_events; int only_column; const char* const* only_values; int only_count; const char* declaration; const FaceColumn* columns; int count; };',
  ];
  const specs: string[] = [];
  for (const table of EVENT_TABLES) {
    const seen = new Set<string>();
    for (const c of table.columns) {
      for (const name of [c.name, ...(c.aliases ?? [])]) {
        if (seen.has(name)) throw new Error(`${table.name}: column ${name} twice`);
        seen.add(name);
      }
    }
    const maps: string[] = [];
    const face = (name: string, c: ColumnSpec, hidden: boolean): string =>
      `{${quote(name)}, ${quote(c.type)}, ${hidden}, ${from(table, c, maps)}}`;
    const rows = table.columns.map((c) => face(c.name, c, c.hidden ?? false));
    for (const c of table.columns) {
      for (const alias of c.aliases ?? []) rows.push(face(alias, { ...c, aliases: [] }, true));
    }
    lines.push(...new Set(maps));
    const only = table.only?.values ?? [];
    lines.push(
      `inline constexpr const char* k${pascal(table.name)}Only[] = {${[...only.map(quote), 'nullptr'].join(', ')}};`,
    );
    lines.push(
      `inline constexpr FaceColumn k${pascal(table.name)}Face[] = {${rows.join(',\n  ')}};`,
    );
    specs.push(
      `{${quote(table.name)}, ${CLASS_NAMES.indexOf(table.class)}, ${table.face === 'file_events'}, ` +
        `${table.only ? physicalIndex(table, table.only.column) : -1}, k${pascal(table.name)}Only, ${only.length}, ` +
        `${quote(declaration(table))}, k${pascal(table.name)}Face, ${rows.length}}`,
    );
  }
  lines.push(`inline constexpr TableSpec kTables[] = {${specs.join(',\n  ')}};`);
  lines.push(`inline constexpr int kTableCount = ${EVENT_TABLES.length};`);
  return lines;
}

const output = new URL('../build/generated/weir_schema.h', import.meta.url).pathname;
mkdirSync(dirname(output), { recursive: true });
const body = [...classLines(), ...tableLines()];
const version = createHash('sha256').update(body.join('\n')).digest('hex').slice(0, 16);
const header = [
  '// Generated by addon/generate.ts from src/sensor/schema.ts and src/tables/events. Do not edit.',
  '#pragma once',
  '#include <cstdint>',
  'namespace weir::schema {',
  `inline constexpr const char* kVersion = ${quote(version)};`,
  ...body,
  '}  // namespace weir::schema',
  '',
].join('\n');
// Rewritten only when it changes: everything is compiled with it.
if (!existsSync(output) || readFileSync(output, 'utf8') !== header) writeFileSync(output, header);

import { WeirError } from '../../config/errors.ts';
import { suggest } from '../../config/suggest.ts';
import { VERSION } from '../../config/version.ts';
import { allOf } from '../asked.ts';
import { safeText } from '../output/safe-text.ts';
import type { Catalog } from './catalog.ts';
import { SETTINGS } from './settings.ts';
import type { DotCommand, DotContext } from './state.ts';

/** A test of names: with % or * as LIKE and GLOB have them, else for a part. */
function matcher(pattern: string): (name: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (!/[%*]/.test(wanted)) return (name) => name.includes(wanted);
  const parts = wanted.split(/[%*]+/).map((part) => RegExp.escape(part));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (name) => expression.test(name);
}

async function tables({ catalog, print }: DotContext, pattern: string): Promise<void> {
  const matches = matcher(pattern);
  for (const table of await catalog.tables()) {
    if (matches(table)) await print(`  => ${table}\n`);
  }
}

async function schemaOf(catalog: Catalog, table: string): Promise<string> {
  const columns = await catalog.columns(table);
  const lines = columns.map(
    ({ name, type, hidden }) => `  ${name} ${type}${hidden ? ' HIDDEN' : ''}`,
  );
  return `CREATE TABLE ${table}(\n${lines.join(',\n')}\n);\n`;
}

/** @throws WeirError SHELL, with what was meant */
async function known(catalog: Catalog, table: string): Promise<string> {
  const names = await catalog.tables();
  const found = names.find((name) => name === table.toLowerCase());
  if (found !== undefined) return found;
  const meant = suggest(table, names);
  const hint = meant === undefined ? '.tables lists all' : `did you mean ${meant}?`;
  throw new WeirError('SHELL', `no such table: ${table}; ${hint}`);
}

async function schema({ catalog, print }: DotContext, table: string): Promise<void> {
  const asked = /[%*]/.test(table)
    ? (await catalog.tables()).filter(matcher(table))
    : table === ''
      ? await catalog.tables()
      : [await known(catalog, table)];
  for (const name of asked) await print(await schemaOf(catalog, name));
}

function sqlOf(argument: string, command: string): string {
  if (argument.trim() === '') throw new WeirError('SHELL', `${command} takes SQL`);
  return argument;
}

/** SQLite's plan as a tree. */
async function explain({ rows, print }: DotContext, argument: string): Promise<void> {
  const steps = await rows(`EXPLAIN QUERY PLAN ${sqlOf(argument, '.explain')}`);
  const depth = new Map<unknown, number>();
  for (const [id, parent, , detail] of steps) {
    const level = (depth.get(parent) ?? -1) + 1;
    depth.set(id, level);
    await print(`${'   '.repeat(level)}|--${safeText(String(detail))}\n`);
  }
}

/** Types as tables declare them; of an expression, that of its first value. */
async function types({ source, print }: DotContext, argument: string): Promise<void> {
  const result = source.ask(sqlOf(argument, '.types'), { maxRows: 1 });
  let first: readonly unknown[] = [];
  for await (const rows of result.rows) first = rows[0] ?? first;
  const natural: Readonly<Record<string, string>> = {
    bigint: 'INTEGER',
    number: 'REAL',
    string: 'TEXT',
  };
  for (const [i, { name, type }] of (await result.columns).entries()) {
    const value = first[i];
    const seen = value instanceof Uint8Array ? 'BLOB' : (natural[typeof value] ?? 'unknown');
    await print(`${safeText(name)}: ${type || seen}\n`);
  }
}

async function summary(context: DotContext): Promise<void> {
  const { catalog, source, print } = context;
  await print(
    `weir ${VERSION}, ${(await catalog.tables()).length} tables\n${safeText(source.where)}\n`,
  );
  await SETTINGS['.show']?.run(context, '');
}

/** Runs the statement again and again until Ctrl-C; each result takes the place of the last one. */
async function watch({ terminal, print, show, wait }: DotContext, argument: string): Promise<void> {
  const [, seconds = '', sql = ''] = /^(\d+(?:\.\d+)?)\s+(\S.*)$/.exec(argument) ?? [];
  const ms = Number(seconds) * 1000;
  if (seconds === '' || ms < 100 || ms > 86_400_000) {
    throw new WeirError('SHELL', '.watch takes seconds from 0.1 to 86400 and SQL');
  }
  if (!terminal) throw new WeirError('SHELL', '.watch needs a terminal: Ctrl-C ends it');
  for (;;) {
    await print(`\u001b[2J\u001b[H${new Date().toLocaleTimeString()}, every ${seconds} s\n`);
    await show(sql, false);
    await wait(ms);
  }
}

async function version({ rows, print }: DotContext): Promise<void> {
  const [[sqlite] = []] = await rows('SELECT sqlite_version()');
  await print(`weir ${VERSION}, SQLite ${safeText(String(sqlite))}\n`);
}

export const LOOKING: Readonly<Record<string, DotCommand>> = {
  '.all': {
    args: 'TABLE',
    summary: 'all rows and columns of a table',
    run: async ({ catalog, show }, table) => await show(allOf(await known(catalog, table))),
  },
  '.explain': { args: 'SQL', summary: 'how SQLite would run it', run: explain },
  '.print': {
    args: 'TEXT',
    summary: 'show text',
    run: ({ print }, text) => print(`${safeText(text)}\n`),
  },
  '.schema': { args: '[TABLE]', summary: 'show columns; % stands for any text', run: schema },
  '.socket': {
    args: '',
    summary: 'who answers',
    run: ({ print, source }) => print(`${safeText(source.where)}\n`),
  },
  '.summary': { args: '', summary: 'what is asked, and what is set', run: summary },
  '.tables': {
    args: '[NAME]',
    summary: 'list tables, or those whose name has NAME; % stands for any text',
    run: tables,
  },
  '.types': { args: 'SQL', summary: 'the types of its columns', run: types },
  '.version': { args: '', summary: 'of weir and of SQLite', run: version },
  '.watch': { args: 'N SQL', summary: 'run it every N seconds until Ctrl-C', run: watch },
};

import { WeirError } from '../config/errors.ts';
import { tableRefs } from './table-refs.ts';
import { tokenize } from './tokenizer.ts';

/** Name, lower case, and its SELECT. */
export type Views = ReadonlyMap<string, string>;

/** The `views` of a configuration. */
export function viewsOf(views: Readonly<Record<string, string>>): Views {
  return new Map(
    Object.entries(views).map(([name, sql]) => [
      name.toLowerCase(),
      sql.trim().replace(/;\s*$/, ''),
    ]),
  );
}

/**
 * The query with the SELECT of each view in place of its name, so that the event tables in it are
 * planned like those of the query itself.
 *
 * @throws WeirError VIEW_CYCLE when a view reads itself.
 */
export function expandViews(sql: string, views: Views, within: readonly string[] = []): string {
  if (views.size === 0) return sql;
  const tokens = tokenize(sql);
  const { refs, ctes } = tableRefs(tokens);
  let out = '';
  let at = 0;
  for (const ref of refs.toSorted((a, b) => a.token - b.token)) {
    const view = views.get(ref.table);
    const token = tokens[ref.token];
    if (view === undefined || token === undefined || ref.qualified || ctes.has(ref.table)) continue;
    const path = [...within, ref.table];
    if (within.includes(ref.table)) {
      throw new WeirError('VIEW_CYCLE', `the view ${ref.table} reads itself: ${path.join(' > ')}`);
    }
    const alias = ref.alias === null ? ` AS ${ref.table}` : '';
    out += `${sql.slice(at, token.start)}(${expandViews(view, views, path)}\n)${alias}`;
    at = token.end;
  }
  return out + sql.slice(at);
}

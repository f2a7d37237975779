import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import { plainText } from '../results/encode-row.ts';
import type { QueryRunner } from '../sql/types.ts';

const LIMITS = { timeoutMs: 10_000, maxRows: 10_000 };

/**
 * file_paths with what the queries of file_paths_query have in their column `path`; null when there
 * are none. A query that fails adds nothing, and the log says so. Never rejects.
 */
export async function queriedFilePaths(
  config: Pick<Config, 'file_paths' | 'file_paths_query'>,
  runner: QueryRunner,
  log: Logger,
): Promise<Config['file_paths'] | null> {
  const categories = Object.entries(config.file_paths_query);
  if (categories.length === 0) return null;
  const paths: Record<string, readonly string[]> = { ...config.file_paths };
  for (const [category, queries] of categories) {
    for (const sql of queries) {
      try {
        const found = await pathsOf(sql, runner);
        paths[category] = [...(paths[category] ?? []), ...found];
      } catch (error) {
        const err = error instanceof Error ? error.message : String(error);
        log.warn({ category, query: sql, err }, 'a query of file_paths_query fails');
      }
    }
  }
  return paths;
}

async function pathsOf(sql: string, runner: QueryRunner): Promise<readonly string[]> {
  const { columns, rows } = await runner.query(sql, LIMITS);
  const at = columns.findIndex(({ name }) => name === 'path');
  if (at < 0) throw new Error('it has no column path');
  return rows.map((row) => plainText(row[at] ?? null)).filter((path) => path.startsWith('/'));
}

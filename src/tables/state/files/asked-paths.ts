import type { TableContext } from '../../bridge/context.ts';
import { fromBytePath, toBytePath } from '../../host/byte-path.ts';
import { type WalkOptions, walk } from '../../host/walk.ts';

/** A file that a query asks about. Both are byte paths, as the query's constraints compare them. */
export interface AskedPath {
  readonly path: string;
  readonly directory: string;
}

/** What LIKE and GLOB on a column mean, as one pattern of `%`: SQLite checks the rest. */
function patternOf(context: TableContext, column: string): string | undefined {
  // Of several that must all hold, the longest beginning leaves the least to look through.
  const literal = (pattern: string): number => pattern.indexOf('%');
  const globs = context.globs(column).map((glob) => glob.replaceAll(/\[[^\]]*\]|[*?]/g, '%'));
  return [...context.likes(column), ...globs]
    .map(toBytePath)
    .sort((a, b) => literal(b) - literal(a))[0];
}

function parent(path: string): string {
  const at = path.replace(/\/+$/, '').lastIndexOf('/');
  if (path.length > 1 && path.endsWith('/')) return path.replace(/\/+$/, '');
  return at > 0 ? path.slice(0, at) : at === 0 ? '/' : '';
}

/** Name of the file; "." after a path's last slash, as osquery shows it. */
export function fileName(path: string): string {
  if (path === '/') return '/';
  return path.endsWith('/') ? '.' : path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Files of a table with the columns path and directory, of which one must be asked for: by name, or
 * by a pattern (see walk.ts).
 */
export function* askedPaths(context: TableContext): Iterable<AskedPath> {
  const options: WalkOptions = {
    checkpoint: () => context.checkpoint(),
    warn: (message) => context.warn(message),
  };
  const paths = context.paths('path');
  const pattern = patternOf(context, 'path');
  if (paths !== undefined || pattern !== undefined) {
    for (const path of paths ?? walk(context.host, pattern as string, options)) {
      yield { path, directory: parent(path) };
    }
    return;
  }
  const folders = context.paths('directory');
  const folderPattern = patternOf(context, 'directory') ?? '';
  for (const directory of folders ?? walk(context.host, folderPattern, options)) {
    const { host } = context;
    // A pattern means files too; what is asked for by name is worth a word when it cannot be read.
    const quiet = folders === undefined;
    if (quiet && host.stat(fromBytePath(directory))?.isDirectory() !== true) continue;
    const begin = directory.endsWith('/') ? directory : `${directory}/`;
    for (const { name } of host.byteEntries(fromBytePath(directory), { quiet })) {
      yield { path: `${begin}${name}`, directory };
    }
  }
}

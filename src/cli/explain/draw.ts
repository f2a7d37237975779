import { basename } from 'node:path';
import type { Screen } from '../output/formatter.ts';
import { safeText } from '../output/safe-text.ts';
import { shorten } from '../output/width.ts';
import type { ProcessTree, TreeProcess } from './process-tree.ts';

/** For a pipe: a command line may be 2 MiB. */
const WIDEST = 500;

/** One line that fits the screen and harms no terminal. */
export function fitted(text: string, { width }: Screen): string {
  return shorten(safeText(text), width > 0 ? width : WIDEST);
}

/** Program, pid and user of a process, and what it was started as. */
export function processWords({ pid, path, cmdline, username }: TreeProcess): {
  readonly who: string;
  readonly said: string;
} {
  const user = username === '' ? '' : ` ${username}`;
  const who = `${basename(path) || '?'}[${pid || '?'}]${user}`;
  return { who, said: cmdline || path || '(not seen)' };
}

function named(process: TreeProcess): string {
  const { who, said } = processWords(process);
  return `${who}: ${said}`;
}

/** The tree with a line for each process; the one that it is about is marked. */
export function treeLines(tree: ProcessTree, screen: Screen): string[] {
  const lines: string[] = [];
  let indent = '';
  for (const [depth, process] of tree.line.entries()) {
    const own = depth === tree.line.length - 1;
    const branch = depth === 0 ? '' : `${indent}└─ `;
    if (depth > 0) indent += '   ';
    lines.push(fitted(`${branch}${own ? '▶ ' : ''}${named(process)}`, screen));
  }
  const children = Map.groupBy(tree.descendants, ({ parentId }) => parentId);
  const draw = (id: string, before: string): void => {
    const all = children.get(id) ?? [];
    for (const [i, child] of all.entries()) {
      const last = i === all.length - 1;
      lines.push(fitted(`${before}${last ? '└─ ' : '├─ '}${named(child)}`, screen));
      draw(child.id, `${before}${last ? '   ' : '│  '}`);
    }
  };
  draw(tree.line.at(-1)?.id ?? '', indent);
  if (tree.cut) lines.push(fitted(`${indent}… and more processes`, screen));
  return lines;
}

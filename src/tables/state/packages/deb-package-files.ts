import type { TableContext } from '../../bridge/context.ts';
import { defineTable, text } from '../../bridge/table.ts';
import { shownPath } from '../../host/byte-path.ts';
import { ADMIN_DIRECTORY } from './dpkg.ts';

/** A package's name, with its architecture where several may be installed: libc6:amd64. */
const LIST = /^([^:/]+)(?::[^:/]+)?\.list$/;
const LIMIT = { limit: 64 << 20 };
const NEWLINE = 10;

interface FileList {
  readonly package: string;
  /** Paths, one a line, behind a newline, too: so that a whole line can be looked for. */
  readonly lines: Buffer;
}

function readLists(
  context: TableContext<'package'>,
  admindir: string,
  packages: ReadonlySet<string> | undefined,
): FileList[] {
  const lists: FileList[] = [];
  for (const name of context.host.names(`${admindir}/info`)) {
    const of = LIST.exec(name)?.[1];
    if (of === undefined || packages?.has(of) === false) continue;
    context.checkpoint();
    const bytes = context.host.bytes(`${admindir}/info/${name}`, LIMIT);
    if (bytes !== undefined)
      lists.push({ package: of, lines: Buffer.concat([Buffer.from('\n'), bytes]) });
  }
  return lists;
}

/** dpkg writes the root as `/.`. */
const cleaned = (path: string): string => (path === '/.' ? '/' : path);

/** @param wanted byte paths; undefined: all */
function* paths(lines: Buffer, wanted: readonly string[] | undefined): Iterable<string> {
  if (wanted !== undefined) {
    for (const path of wanted) {
      const line = path === '/' ? '/.' : path;
      if (!line.includes('\n') && lines.includes(`\n${line}\n`, 0, 'latin1')) yield path;
    }
    return;
  }
  for (let from = 1; from < lines.length; ) {
    const newline = lines.indexOf(NEWLINE, from);
    const end = newline < 0 ? lines.length : newline;
    if (end > from) yield cleaned(lines.toString('latin1', from, end));
    from = end + 1;
  }
}

export const debPackageFiles = defineTable({
  name: 'deb_package_files',
  description: 'Files and folders that installed Debian packages brought',
  columns: {
    package: text('Name of the package', { index: true, optimized: true }),
    path: text('Path', { index: true }),
    admindir: text('Folder of dpkg’s database; without a constraint /var/lib/dpkg', {
      additional: true,
      optimized: true,
      operators: ['='],
    }),
  },
  examples: [
    "SELECT path FROM deb_package_files WHERE package = 'base-files'",
    "SELECT package FROM deb_package_files WHERE path = '/etc/debian_version'",
    'SELECT DISTINCT p.path FROM processes p LEFT JOIN deb_package_files f ON f.path = p.path WHERE f.path IS NULL',
  ],
  rows: 100_000,
  *generate(context) {
    const names = context.texts('package');
    const asked = context.paths('path');
    for (const admindir of context.texts('admindir') ?? [ADMIN_DIRECTORY]) {
      const read = (): FileList[] => readLists(context, admindir, names && new Set(names));
      // A join asks path by path: the lists are read once for it.
      const lists = names === undefined ? context.once(`lists ${admindir}`, read) : read();
      for (const list of lists) {
        context.checkpoint();
        for (const path of paths(list.lines, asked))
          yield { package: list.package, path: shownPath(path), admindir };
      }
    }
  },
});

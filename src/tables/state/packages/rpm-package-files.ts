import type { TableContext } from '../../bridge/context.ts';
import { bigint, defineTable, text } from '../../bridge/table.ts';
import { shownPath } from '../../host/byte-path.ts';
import { symbolicMode } from '../system/symbolic-mode.ts';
import { installedRpms, type Wanted } from './rpm-database.ts';
import { type RpmHeader, TAG } from './rpm-header.ts';

const SHA256 = 8;
/** Letters of ls, by the type bits of a mode. */
const KINDS = new Map([
  [0o140000, 's'],
  [0o120000, 'l'],
  [0o100000, '-'],
  [0o060000, 'b'],
  [0o040000, 'd'],
  [0o020000, 'c'],
  [0o010000, 'p'],
]);

function wantedOf(context: TableContext<'package' | 'path'>): Wanted {
  const names = context.texts('package');
  if (names !== undefined) return { by: 'Name', values: names };
  const paths = context.texts('path');
  if (paths === undefined) return { by: 'all' };
  return { by: 'Basenames', values: paths.map((path) => path.slice(path.lastIndexOf('/') + 1)) };
}

function* files(header: RpmHeader) {
  const name = header.text(TAG.name);
  const folders = header.texts(TAG.dirnames);
  const of = header.numbers(TAG.dirIndexes);
  const users = header.texts(TAG.fileUsers);
  const groups = header.texts(TAG.fileGroups);
  const modes = header.numbers(TAG.fileModes);
  const long = header.numbers(TAG.longFileSizes);
  const sizes = long.length > 0 ? long : header.numbers(TAG.fileSizes);
  const sha256 = header.number(TAG.fileDigestAlgorithm) === SHA256;
  const digests = sha256 ? header.texts(TAG.fileDigests) : [];
  for (const [i, basename] of header.texts(TAG.basenames).entries()) {
    const mode = modes[i] ?? 0;
    yield {
      package: name,
      path: shownPath(`${folders[of[i] ?? -1] ?? ''}${basename}`),
      username: users[i] ?? '',
      groupname: groups[i] ?? '',
      mode: `${KINDS.get(mode & 0o170000) ?? '?'}${symbolicMode(mode)}`,
      size: sizes[i],
      sha256: digests[i] ?? '',
    };
  }
}

export const rpmPackageFiles = defineTable({
  name: 'rpm_package_files',
  description: 'Files that installed packages of rpm brought, as they were then',
  columns: {
    package: text('Name of the package', { index: true, optimized: true }),
    path: text('Path', { index: true }),
    username: text('Owner'),
    groupname: text('Group'),
    mode: text('Kind and rights, as ls shows them'),
    size: bigint('Size in bytes'),
    sha256: text('SHA-256 of the contents, where the package says it', { collate: 'nocase' }),
  },
  examples: [
    "SELECT path, mode FROM rpm_package_files WHERE package = 'bash'",
    "SELECT f.path FROM rpm_package_files f JOIN hash h ON h.path = f.path WHERE f.package = 'openssh-server' AND h.sha256 <> f.sha256",
  ],
  rows: 100_000,
  *generate(context) {
    for (const header of installedRpms(context, wantedOf(context))) yield* files(header);
  },
});

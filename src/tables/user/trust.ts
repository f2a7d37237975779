import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { WeirError } from '../../config/errors.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

function distrust(path: string, why: string): WeirError {
  return new WeirError('TABLE_UNTRUSTED', `${path}: ${why}; tables run with the daemon's rights`, {
    exitCode: 78,
  });
}

function assertOwned(path: string, stat: Stats): void {
  const self = process.geteuid?.() ?? 0;
  if (stat.uid !== 0 && stat.uid !== self) throw distrust(path, 'it belongs to another user');
}

/**
 * A table's code runs as the daemon. So nobody else may be able to change it, to put another file
 * in its place, or to rename a folder on its way.
 *
 * @param path absolute, without links
 * @throws WeirError TABLE_UNTRUSTED
 */
export function assertTrusted(path: string): void {
  const file = lstatSync(path);
  if (!file.isFile()) throw distrust(path, 'it is no regular file');
  assertOwned(path, file);
  if ((file.mode & WRITABLE_BY_OTHERS) !== 0) throw distrust(path, 'others may write to it');
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = lstatSync(folder);
    if (!stat.isDirectory()) throw distrust(folder, 'it is no folder but a link');
    assertOwned(folder, stat);
    // In a sticky folder nobody may rename what belongs to somebody else.
    const sticky = (stat.mode & STICKY) !== 0;
    if ((stat.mode & WRITABLE_BY_OTHERS) !== 0 && !sticky) {
      throw distrust(folder, 'others may write to it');
    }
    if (folder === '/') return;
  }
}

import { existsSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { WeirError } from './errors.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Writes a file whole or not at all, also when the power goes.
 *
 * @throws WeirError CONFIG_NOT_WRITTEN, NOT_PERMITTED (77)
 */
export function replaceFile(target: string, text: string): void {
  const fresh = `${target}.new`;
  try {
    makeFolder(dirname(target), 0o755);
    writeFileSync(fresh, text, { mode: 0o640, flush: true });
    renameSync(fresh, target);
  } catch (cause) {
    if (existsSync(fresh)) unlinkSync(fresh);
    const { code, message } = cause as NodeJS.ErrnoException;
    const refused = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    const why = `cannot write ${target}: ${message}`;
    if (refused)
      throw new WeirError('NOT_PERMITTED', `${why}; run as root`, { exitCode: 77, cause });
    throw new WeirError('CONFIG_NOT_WRITTEN', why, { cause });
  }
}

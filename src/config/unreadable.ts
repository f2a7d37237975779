import { WeirError } from './errors.ts';

/**
 * Why a part of the configuration cannot be read: CONFIG_UNREADABLE, which ends a command with 78, or
 * with 77 where only others may read it.
 */
export function unreadable(path: string, cause: unknown): WeirError {
  const { code, message = String(cause) } = (cause ?? {}) as NodeJS.ErrnoException;
  const refused = code === 'EACCES' || code === 'EPERM';
  const remedy = refused ? '; run as root' : '';
  return new WeirError(
    'CONFIG_UNREADABLE',
    `cannot read the configuration ${path}: ${message}${remedy}`,
    { exitCode: refused ? 77 : 78, cause },
  );
}

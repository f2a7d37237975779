/**
 * SQLite's locks are the process's: closing any descriptor of a database, of its log or of the log's
 * index takes all of them away. The next program that opens the database would then believe that
 * nobody has it, and remove the log that the writer goes on writing to.
 */
import { statSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

const OWN = 'weir-own-databases';
const SUFFIXES = ['', '-wal', '-shm'];

/** Databases that this process has open, for this thread and those started later. */
export function useOwnDatabases(paths: readonly string[]): void {
  setEnvironmentData(OWN, [...paths]);
}

function ownDatabases(): readonly string[] {
  return (getEnvironmentData(OWN) as readonly string[] | undefined) ?? [];
}

/** Whether a path may lead to one: not so in /proc and /sys, but for links there. */
export function mayBeOwn(path: string | Uint8Array): boolean {
  if (ownDatabases().length === 0) return false;
  if (typeof path !== 'string' || !/^\/(proc|sys)\//.test(path)) return true;
  return /\/(fd|root|cwd|exe|map_files)(\/|$)/.test(path);
}

/** Whether a file is one of theirs. */
export function isOwn({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): boolean {
  return ownDatabases().some((path) =>
    SUFFIXES.some((suffix) => {
      const stat = statSync(path + suffix, { bigint: true, throwIfNoEntry: false });
      return stat?.ino === ino && stat.dev === dev;
    }),
  );
}

import { existsSync, renameSync, rmSync } from 'node:fs';

/**
 * Renames a database that cannot be read, with its log, out of the way: its bytes may still help
 * somebody. What is left of it beside is of no use without it.
 *
 * @param path of the database
 * @returns the new name of the database
 */
export function setAside(path: string, now: Date = new Date()): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  let aside = `${path}.corrupt-${time}`;
  for (let i = 1; existsSync(aside); i++) aside = `${path}.corrupt-${time}-${i}`;
  // First the log: without the database it is never applied to another one.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${aside}-wal`);
  renameSync(path, aside);
  rmSync(`${path}-shm`, { force: true });
  rmSync(`${path}-damaged`, { force: true });
  return aside;
}

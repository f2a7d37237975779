import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` tries again for ever where
 * a folder that is there refuses with ENOENT, as /proc and /sys do.
 *
 * @returns whether it was made; its mode is then as the umask leaves it
 * @throws Error with the code of the system's call
 */
export function makeFolder(path: string, mode: number): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
  const above = dirname(path);
  if (above !== path) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    // Somebody else made it meanwhile, or it is a link to a folder; what is no folder is told by EEXIST.
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory() !== true) throw error;
    return false;
  }
}

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` tries again for ever where
 * a folder that is there refuses with ENOENT, as /proc and /sys do.
 *
 * @throws Error with the code of the system's call
 */
export function makeFolder(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(path);
  if (above !== path) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else made it meanwhile, or it is a link to a folder; what is no folder is told by EEXIST.
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory() !== true) throw error;
  }
}

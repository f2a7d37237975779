import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test; its path has no symbolic links in it. */
export function makeScratch(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'weir-test-')));
}

export function removeScratch(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

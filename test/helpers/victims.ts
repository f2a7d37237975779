import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IN_A_FOLDER = 25;

/** Files for test/workloads/behave.c: FOLDER/dN/fN.txt. */
export function plantVictims(folder: string, files: number): void {
  for (let i = 0; i < files; i++) {
    const inside = join(folder, `d${Math.floor(i / IN_A_FOLDER)}`);
    if (i % IN_A_FOLDER === 0) mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, `f${i}.txt`), `file ${i} is somebody's only copy\n`);
  }
}

/** How many files of the folders have this ending. */
export function endingWith(folder: string, ending: string): number {
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.filter((name) => name.endsWith(ending)).length;
}

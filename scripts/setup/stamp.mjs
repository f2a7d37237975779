import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files below a folder in a stable order, generated folders left out. */
function filesBelow(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'build')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = join(path, entry.name);
      return entry.isDirectory() ? filesBelow(below) : [below];
    });
}

/** Hash over names and contents of files and folders, and over further words. */
export function digest(paths, words = []) {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const path of paths) {
    let files;
    try {
      files = filesBelow(path);
    } catch (error) {
      if (error.code !== 'ENOTDIR') throw error;
      files = [path];
    }
    for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** A file that remembers what the last successful run of a step was made from. */
export class Stamp {
  #path;

  constructor(path) {
    this.#path = path;
  }

  matches(value) {
    try {
      return readFileSync(this.#path, 'utf8') === value;
    } catch {
      return false;
    }
  }

  write(value) {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, value);
  }
}

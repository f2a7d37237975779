import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const LIMIT = 1000;

/** Entries of earlier sessions, newest first as readline wants them. */
export function loadHistory(path: string): string[] {
  try {
    const kept = readFileSync(path, 'utf8').split('\n');
    return kept
      .filter((line) => line !== '')
      .slice(-LIMIT)
      .reverse();
  } catch {
    return [];
  }
}

/** Keeps the entries (newest first) for the owner's eyes only. A disk that refuses is no error. */
export function saveHistory(path: string, entries: readonly string[]): void {
  const lines = entries.slice(0, LIMIT).toReversed();
  const next = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(next, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    renameSync(next, path);
  } catch {}
}

export function historyPath(): string {
  return process.env.WEIR_HISTORY ?? join(homedir(), '.weir_history');
}

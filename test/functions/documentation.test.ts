import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { openFunctions } from './connection.ts';

describe('functions: documentation', () => {
  it('names every function and collation that weir adds to SQLite', () => {
    const plain = new Database(':memory:');
    const db = openFunctions();
    const names = (of: Database.Database, list: string): string[] =>
      of.prepare<[], string>(`SELECT DISTINCT name FROM pragma_${list}`).pluck().all();
    const text = readFileSync(new URL('../../docs/functions.md', import.meta.url), 'utf8');
    for (const list of ['function_list', 'collation_list']) {
      const before = new Set(names(plain, list));
      const added = names(db, list).filter((name) => !before.has(name));
      assert.ok(added.length >= 4, list);
      for (const name of added) assert.match(text, new RegExp(`\\b${name}\\b`), name);
    }
    plain.close();
    db.close();
  });
});

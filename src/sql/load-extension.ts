import type Database from 'better-sqlite3';
import { ADDON_PATH, ENTRY_POINT } from '../native/addon.ts';

// The type package does not know the second argument.
type Loader = { loadExtension(path: string, entry: string): unknown };

/** Makes weir's tables known to a connection. */
export function loadExtension(db: Database.Database): void {
  (db as unknown as Loader).loadExtension(ADDON_PATH, ENTRY_POINT);
}

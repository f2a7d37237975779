import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { ResultDatabase } from './open.ts';

/** Where a configuration keeps results. */
export function configuredDatabase({
  results,
  state_dir,
}: Pick<Config, 'results' | 'state_dir'>): ResultDatabase {
  const { client, connection } = results;
  return client === 'pg'
    ? { client, connection: connection ?? '' }
    : { client: 'sqlite', path: connection ?? join(state_dir, 'results.db') };
}

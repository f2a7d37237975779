import type { Config } from '../config/schema.ts';
import { useResultsFile } from '../tables/state/detections/results-file.ts';
import { configuredDatabase } from './configured.ts';

/** Lets the table `detections` read where a configuration keeps results, in threads started later. */
export function useResults(config: Pick<Config, 'results' | 'state_dir'>): void {
  const database = configuredDatabase(config);
  useResultsFile(database.client === 'sqlite' ? database.path : null);
}

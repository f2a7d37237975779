import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { WeirError } from '../config/errors.ts';
import { loadConfig } from '../config/load.ts';
import { loadPackFile } from '../detect/pack.ts';
import { loadSchedule } from '../detect/schedule.ts';
import { type Invocation, text } from './command.ts';

export interface PackQueryText {
  readonly name: string;
  readonly sql: string;
}

/**
 * The queries of a pack that are meant for this host: of a file, or of the pack of the
 * configuration that has this name.
 *
 * @throws WeirError PACK_UNKNOWN, or as loadConfig does
 */
export function queriesOfPack(invocation: Invocation, pack: string): readonly PackQueryText[] {
  const delimiter = '_';
  if (existsSync(pack)) {
    const options = { hostname: hostname(), delimiter, defaultInterval: 3600 };
    const { queries, problems } = loadPackFile(pack, options);
    const [wrong] = problems.filter(({ severity }) => severity === 'error');
    if (queries.length === 0 && wrong !== undefined) {
      throw new WeirError('PACK_UNREADABLE', `${pack}: ${wrong.message}`);
    }
    return queries;
  }
  const { config, file } = loadConfig({ file: text(invocation, 'config') });
  const folder = file === undefined ? '.' : dirname(file);
  const { queries } = loadSchedule({ config, folder, hostname: hostname() });
  const prefix = `${['pack', pack, ''].join(config.scheduler.pack_delimiter)}`;
  const found = queries.filter(({ name }) => name.startsWith(prefix));
  if (found.length > 0) return found;
  const known = Object.keys(config.packs).join(', ') || 'none';
  throw new WeirError(
    'PACK_UNKNOWN',
    `no pack ${pack} with queries for this host: there is no such file, and the configuration has ${known}`,
  );
}

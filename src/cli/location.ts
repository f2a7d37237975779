import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { useResultsFile } from '../tables/state/detections/detections.ts';
import { useTablesOf } from '../tables/user/load.ts';
import { type Invocation, text } from './command.ts';

const DEFAULT_STATE_DIR = '/var/lib/weir';
const DEFAULT_CONFIG_FILE = '/etc/weir/weir.json';

/** Where the daemon of this host is found. */
export interface Location {
  readonly stateDir: string;
  readonly socket: string;
}

/**
 * Where a client looks for daemon and store: --state-dir and --socket, then WEIR_STATE_DIR and
 * WEIR_SOCKET, then the configuration (--config, $WEIR_CONFIG, /etc/weir/weir.json), then the
 * defaults. A state directory that is named is a whole one, a case's for example: the configured
 * socket, which may be that of another daemon, is not used with it.
 *
 * Tables of the configured folder are known from then on to what this process reads itself.
 *
 * @throws WeirError CONFIG_UNREADABLE, CONFIG_INVALID (78)
 */
export async function locate(invocation: Invocation): Promise<Location> {
  const asked = text(invocation, 'state-dir') ?? nonEmpty(process.env.WEIR_STATE_DIR);
  const socket = text(invocation, 'socket') ?? nonEmpty(process.env.WEIR_SOCKET);
  const configured = await readConfigured(invocation, asked);
  if (configured === undefined) useResultsFile(resolve(asked ?? DEFAULT_STATE_DIR, 'results.db'));
  const stateDir = resolve(asked ?? configured?.stateDir ?? DEFAULT_STATE_DIR);
  return { stateDir, socket: resolve(socket ?? configured?.socket ?? join(stateDir, 'weir.sock')) };
}

/** The schema takes longer to load than most queries to run: only for a file that is there. */
async function readConfigured(
  invocation: Invocation,
  stateDir: string | undefined,
): Promise<Location | undefined> {
  const flag = text(invocation, 'config');
  if (flag === undefined && stateDir !== undefined) return undefined;
  const file = flag ?? nonEmpty(process.env.WEIR_CONFIG);
  if (file === undefined && !existsSync(DEFAULT_CONFIG_FILE)) return undefined;
  const { loadConfig } = await import('../config/load.ts');
  const { config } = loadConfig({ file, flags: { stateDir } });
  useTablesOf(config.tables.directory);
  const { useResults } = await import('../results/use-results.ts');
  useResults(config);
  return { stateDir: config.state_dir, socket: config.socket };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

import { join, resolve } from 'node:path';
import type { WeirError } from '../config/errors.ts';
import { DEFAULT_CONFIG_FILE, layerFiles } from '../config/layers.ts';
import type { Config } from '../config/schema.ts';
import { useTables } from '../tables/all.ts';
import { useResultsFile } from '../tables/state/detections/results-file.ts';
import { type Invocation, text } from './command.ts';

const DEFAULT_STATE_DIR = '/var/lib/weir';

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
 * @throws WeirError CONFIG_UNREADABLE (78), and when no daemon answers either CONFIG_INVALID (78) and
 * CONFIG_UNREADABLE of what may not be read (77)
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
  if (file === undefined && layerFiles(DEFAULT_CONFIG_FILE, true).length === 0) return undefined;
  const { loadConfig, placesIn } = await import('../config/load.ts');
  let config: Config;
  try {
    config = loadConfig({ file, flags: { stateDir } }).config;
  } catch (error) {
    const { code, exitCode } = error as WeirError;
    if (code !== 'CONFIG_INVALID' && exitCode !== 77) throw error;
    // A daemon that it broke for still runs, and can be asked what is wrong; and whoever may ask the
    // daemon need not be one who may read all of its configuration.
    const places = placesIn(file ?? DEFAULT_CONFIG_FILE);
    const folder = stateDir ?? places.stateDir ?? DEFAULT_STATE_DIR;
    const socket = places.socket ?? join(folder, 'weir.sock');
    const { daemonAnswers } = await import('./daemon-source.ts');
    if (!(await daemonAnswers(socket))) throw error;
    if (code === 'CONFIG_INVALID') {
      process.stderr.write('weir: the configuration has errors; "weir config check" lists them\n');
    }
    return { stateDir: folder, socket };
  }
  useTables(config);
  const { useResults } = await import('../results/use-results.ts');
  useResults(config);
  return { stateDir: config.state_dir, socket: config.socket };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkFiles } from './check.ts';
import { type CheckedDocument, checkDocument } from './document.ts';
import { WeirError } from './errors.ts';
import { type Problem, problemText } from './problems.ts';
import type { Config } from './schema.ts';

export const DEFAULT_CONFIG_FILE = '/etc/weir/weir.json';

/** What the command line and the environment set over the file. */
export interface ConfigOverrides {
  readonly stateDir?: string | undefined;
  readonly socket?: string | undefined;
  readonly provider?: Config['provider'] | undefined;
}

export interface LoadOptions {
  /** Must exist when given. Default: $WEIR_CONFIG, else /etc/weir/weir.json where present. */
  readonly file?: string | undefined;
  readonly flags?: ConfigOverrides;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** For tests: what stands for /etc/weir/weir.json. */
  readonly defaultFile?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly file: string | undefined; // undefined: built-in defaults
  readonly warnings: readonly Problem[];
}

/**
 * The configuration in force: built-in defaults, then the file, then WEIR_STATE_DIR, WEIR_SOCKET
 * and WEIR_PROVIDER, then flags.
 *
 * @throws WeirError CONFIG_UNREADABLE, CONFIG_INVALID (78); the message holds every problem, a line
 * each
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const environment = options.environment ?? process.env;
  const file = fileToRead(options, environment);
  const checked = file === undefined ? checkDocument('{}') : checkFiles(file);
  const value = valid(checked, file);
  const provider = options.flags?.provider ?? providerOf(environment.WEIR_PROVIDER);
  const stateDir = options.flags?.stateDir ?? environment.WEIR_STATE_DIR;
  const socket = options.flags?.socket ?? environment.WEIR_SOCKET;

  const state_dir = resolve(stateDir ?? value.state_dir);
  const config: Config = {
    ...value,
    state_dir,
    socket: resolve(socket ?? value.socket ?? join(state_dir, 'weir.sock')),
    provider: provider ?? value.provider,
    logger: {
      ...value.logger,
      path: value.logger.path === undefined ? join(state_dir, 'log') : value.logger.path,
    },
  };
  return { config, file, warnings: checked.problems };
}

function fileToRead(
  options: LoadOptions,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const asked = options.file ?? environment.WEIR_CONFIG;
  if (asked !== undefined && asked !== '') return resolve(asked);
  const usual = options.defaultFile ?? DEFAULT_CONFIG_FILE;
  return existsSync(usual) ? usual : undefined;
}

function valid(
  checked: CheckedDocument,
  file: string | undefined,
): NonNullable<CheckedDocument['value']> {
  if (checked.value !== undefined) return checked.value;
  const errors = checked.problems.filter((p) => p.severity === 'error');
  throw new WeirError('CONFIG_INVALID', errors.map((p) => problemText(p, file)).join('\n'), {
    exitCode: 78,
  });
}

function providerOf(text: string | undefined): Config['provider'] | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'auto' || text === 'ebpf' || text === 'off') return text;
  throw new WeirError('CONFIG_INVALID', `WEIR_PROVIDER: one of auto, ebpf, off, not ${text}`, {
    exitCode: 78,
  });
}

import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { checkFiles, readConfigFile } from './check.ts';
import { type CheckedDocument, type CheckedLayer, checkDocument } from './document.ts';
import { WeirError } from './errors.ts';
import { DEFAULT_CONFIG_FILE, isFields, layerFiles } from './layers.ts';
import { type Problem, problemText } from './problems.ts';
import { PROVIDERS } from './schema/names.ts';
import type { Config, configSchema } from './schema.ts';

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
  /** What other files are laid over, whether it exists or not; undefined: built-in defaults. */
  readonly file: string | undefined;
  readonly warnings: readonly Problem[];
  /** What each file says, lowest first. */
  readonly layers: readonly CheckedLayer[];
  /** What environment and flags set, and where: WEIR_PROVIDER, --state-dir. */
  readonly given: ReadonlyMap<string, string>;
}

interface Given {
  readonly value: string;
  readonly from: string;
}

/**
 * The configuration in force: built-in defaults, then the files (layers.ts), then WEIR_STATE_DIR,
 * WEIR_SOCKET and WEIR_PROVIDER, then flags; what managed.json says stays.
 *
 * @throws WeirError CONFIG_UNREADABLE (78; 77 where a file may not be read), CONFIG_INVALID (78): the
 * message holds every problem, a line each
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { flags, environment = process.env } = options;
  const { file, mayMiss } = fileToRead(options, environment);
  const checked = file === undefined ? checkDocument('{}') : checkFiles(file, mayMiss);
  const value = valid(checked, file);
  const given = new Map<string, string>();
  const over = (key: string, flag: string | undefined, variable: string): string | undefined => {
    const found = firstGiven(flag, `--${key.replace('_', '-')}`, environment[variable], variable);
    if (found === undefined || managedSays(checked.layers, key)) return undefined;
    given.set(key, found.from);
    return found.value;
  };
  const provider = over('provider', flags?.provider, 'WEIR_PROVIDER');
  const state_dir = resolve(
    over('state_dir', flags?.stateDir, 'WEIR_STATE_DIR') ?? value.state_dir,
  );
  const socket = over('socket', flags?.socket, 'WEIR_SOCKET') ?? value.socket;
  const config = withPlaces({
    ...value,
    state_dir,
    ...(socket === undefined ? {} : { socket }),
    provider: provider === undefined ? value.provider : providerOf(provider),
  });
  return { config, file, warnings: checked.problems, layers: checked.layers, given };
}

/** The same with the places that follow from state_dir, where the document leaves them out. */
export function withPlaces(value: z.output<typeof configSchema>): Config {
  const { state_dir, socket, logger } = value;
  const path = logger.path === undefined ? join(state_dir, 'log') : logger.path;
  return {
    ...value,
    socket: resolve(socket ?? join(state_dir, 'weir.sock')),
    logger: { ...logger, path },
  };
}

/** Where a configuration puts the daemon, as far as it says so, though parts are wrong or for others. */
export function placesIn(file: string): {
  readonly stateDir: string | undefined;
  readonly socket: string | undefined;
} {
  const parts = partsFor(file);
  const last = (key: string): string | undefined => {
    const said = parts.map((fields) => (isFields(fields) ? fields[key] : undefined));
    return said.findLast((value) => typeof value === 'string');
  };
  return { stateDir: last('state_dir'), socket: last('socket') };
}

/** What each file says to whoever may read it, lowest first. */
function partsFor(file: string): readonly unknown[] {
  const unlessRefused = <T>(read: () => T, instead: T): T => {
    try {
      return read();
    } catch (error) {
      if ((error as WeirError).exitCode === 77) return instead;
      throw error;
    }
  };
  const files = unlessRefused(() => layerFiles(file, true).map((layer) => layer.file), [file]);
  const fields = (path: string): readonly unknown[] =>
    checkDocument(readConfigFile(path)).layers.map((layer) => layer.fields);
  return files.flatMap((path) => unlessRefused(() => fields(path), []));
}

function firstGiven(
  flag: string | undefined,
  flagName: string,
  variable: string | undefined,
  variableName: string,
): Given | undefined {
  if (flag !== undefined) return { value: flag, from: flagName };
  if (variable === undefined || variable === '') return undefined;
  return { value: variable, from: variableName };
}

function managedSays(layers: readonly CheckedLayer[], key: string): boolean {
  return layers.some(({ managed, fields }) => managed && isFields(fields) && key in fields);
}

/** The file that layers are laid around; it may be missing where nobody asked for it by name. */
export function fileToRead(
  options: LoadOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly file: string | undefined; readonly mayMiss: boolean } {
  const asked = options.file ?? environment.WEIR_CONFIG;
  if (asked !== undefined && asked !== '') return { file: resolve(asked), mayMiss: false };
  const usual = options.defaultFile ?? DEFAULT_CONFIG_FILE;
  return { file: layerFiles(usual, true).length > 0 ? usual : undefined, mayMiss: true };
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

function providerOf(text: string): Config['provider'] {
  const known = PROVIDERS.find((name) => name === text);
  if (known !== undefined) return known;
  const message = `WEIR_PROVIDER: one of ${PROVIDERS.join(', ')}, not ${text}`;
  throw new WeirError('CONFIG_INVALID', message, { exitCode: 78 });
}

import { WeirError } from '../../config/errors.ts';
import type { JsonPath } from '../../config/key-path.ts';
import { parseKey, valueAt } from '../../config/key-path.ts';
import { DEFAULT_CONFIG_FILE } from '../../config/layers.ts';
import { loadConfig } from '../../config/load.ts';
import { changeLocal, localLayer } from '../../config/local-layer.ts';
import { pathText, unknownPath } from '../../config/problems.ts';
import { PROVIDERS } from '../../config/schema/names.ts';
import { configSchema } from '../../config/schema.ts';
import { type Invocation, isSet, text } from '../command.ts';
import { daemonAnswers, tellDaemon } from '../daemon-source.ts';
import { locate } from '../location.ts';
import { safeText } from '../output/safe-text.ts';
import { reloadAndTell } from '../reload.ts';

const CLASSES = ['process', 'socket', 'file', 'kernel', 'dns', 'behavior', 'host'] as const;

const print = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);
const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

/** Writes a setting into the local layer. @throws WeirError CONFIG_*, NOT_PERMITTED (77) */
function write(invocation: Invocation, path: JsonPath, value: unknown): void {
  const found = loadConfig({ file: text(invocation, 'config') });
  const file = found.file ?? DEFAULT_CONFIG_FILE;
  const boss = found.layers.find(({ managed, fields }) => managed && holds(fields, path));
  if (boss !== undefined) {
    const why = `${pathText(path)} is managed: ${boss.file} sets it, and nothing else has effect`;
    throw new WeirError('CONFIG_MANAGED', why);
  }
  const changed = changeLocal(file, path, value);
  if (value === undefined && !changed) {
    const wrong = unknownPath(configSchema, path);
    if (wrong !== undefined) throw new WeirError('CONFIG_NO_KEY', wrong);
  }
  const what = value === undefined ? 'unset' : `= ${JSON.stringify(value)}`;
  print(`${pathText(path)} ${what} in ${localLayer(file)}${changed ? '' : ', as before'}`);
}

/** Whether a layer says something at a path, or instead of what is on the way to it. */
function holds(fields: unknown, path: JsonPath): boolean {
  if (valueAt(fields, path) !== undefined) return true;
  const above = path.slice(0, -1).map((_, i) => valueAt(fields, path.slice(0, i + 1)));
  return above.some((value) => value !== undefined && typeof value !== 'object');
}

async function sayReload(invocation: Invocation): Promise<void> {
  const { socket } = await locate(invocation);
  if (await daemonAnswers(socket).catch(() => false))
    print('"weir reload" makes it the running one');
}

/** `weir config set KEY VALUE`. */
export async function set(
  invocation: Invocation,
  [key = '', word = '']: readonly string[],
): Promise<number> {
  const path = parseKey(key);
  let value: unknown = word;
  try {
    value = JSON.parse(word);
  } catch {
    // Text, such as 90d.
  }
  try {
    write(invocation, path, value);
  } catch (error) {
    // A name that looks like a number.
    const wrong = (error as WeirError).code === 'CONFIG_INVALID' && typeof value !== 'string';
    if (!wrong) throw error;
    try {
      write(invocation, path, word);
    } catch {
      throw error;
    }
  }
  await sayReload(invocation);
  return 0;
}

/** `weir config unset KEY`: what the layers below say holds again. */
export async function unset(
  invocation: Invocation,
  [key = '']: readonly string[],
): Promise<number> {
  write(invocation, parseKey(key), undefined);
  await sayReload(invocation);
  return 0;
}

async function writeAndReload(
  invocation: Invocation,
  path: JsonPath,
  value: unknown,
): Promise<number> {
  const { socket } = await locate(invocation);
  write(invocation, path, value);
  if (!(await daemonAnswers(socket))) {
    print('no daemon runs; it holds from the next start on');
    return 0;
  }
  return reloadAndTell(socket, false);
}

/** `weir config provider NAME [--temporary]`. */
export async function provider(
  invocation: Invocation,
  [name = '']: readonly string[],
): Promise<number> {
  if (!PROVIDERS.some((known) => known === name)) {
    throw usage(`unknown provider ${name}; there are ${PROVIDERS.join(', ')}`);
  }
  if (!isSet(invocation, 'temporary')) return writeAndReload(invocation, ['provider'], name);
  const { socket } = await locate(invocation);
  const answer = await tellDaemon<{ provider: string; reason: string }>(
    socket,
    '/provider',
    JSON.stringify({ provider: name }),
  );
  print(`provider ${answer.provider}${answer.reason === '' ? '' : `: ${answer.reason}`}`);
  return 0;
}

/** `weir config events CLASS on|off`. */
export async function events(
  invocation: Invocation,
  [name = '', state = '']: readonly string[],
): Promise<number> {
  if (!CLASSES.some((known) => known === name)) {
    throw usage(`unknown class ${name}; there are ${CLASSES.join(', ')}`);
  }
  if (state !== 'on' && state !== 'off') throw usage(`on or off, not ${state}`);
  return writeAndReload(invocation, ['collect', name], state === 'on');
}

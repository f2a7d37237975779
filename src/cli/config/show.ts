import { WeirError } from '../../config/errors.ts';
import { parseKey, valueAt } from '../../config/key-path.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { type Origin, originsOf } from '../../config/origins.ts';
import { unknownPath } from '../../config/problems.ts';
import { configSchema } from '../../config/schema.ts';
import { type Invocation, isSet, text } from '../command.ts';
import { safeJson, safeText } from '../output/safe-text.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

export function loaded(invocation: Invocation): LoadedConfig {
  const flags = {
    stateDir: text(invocation, 'state-dir'),
    socket: text(invocation, 'socket'),
  };
  return loadConfig({ file: text(invocation, 'config'), flags });
}

function originLine({ key, value, from, overrides }: Origin): string {
  const without = overrides.length === 0 ? '' : `; without effect: ${overrides.join(', ')}`;
  return safeText(`${key} = ${JSON.stringify(value)}  # ${from.join(', ')}${without}`);
}

/** `weir config show [--origin]`: what is in force when the daemon starts or reloads now. */
export async function show(invocation: Invocation): Promise<number> {
  const all = loaded(invocation);
  if (!isSet(invocation, 'origin')) {
    print(safeJson(JSON.stringify(all.config, null, 2)));
    return 0;
  }
  const origins = originsOf(all);
  if (isSet(invocation, 'json')) print(safeJson(JSON.stringify(origins, null, 2)));
  else for (const origin of origins) print(originLine(origin));
  return 0;
}

/** `weir config get KEY`: text as it is, of anything else its JSON. */
export async function get(invocation: Invocation, [key = '']: readonly string[]): Promise<number> {
  const path = parseKey(key);
  const value = valueAt(loaded(invocation).config, path);
  if (value === undefined) {
    const why = unknownPath(configSchema, path) ?? `${key} is not set`;
    throw new WeirError('CONFIG_NO_KEY', `${why}; "weir config show" has all that is`);
  }
  const plain = typeof value === 'string' && !isSet(invocation, 'json');
  print(plain ? safeText(value) : safeJson(JSON.stringify(value, null, 2)));
  return 0;
}

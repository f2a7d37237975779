import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { WeirError } from '../config/errors.ts';
import { valueAt } from '../config/key-path.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Exclusions } from './exclusions.ts';
import { readBody, sendJson } from './http.ts';

const MAX_BODY = 64 * 1024;
const removal = z.strictObject({ ids: z.array(z.string().min(1)).min(1) });

/** GET /exclusions. */
export function listExclusions(exclusions: Exclusions, response: ServerResponse): void {
  sendJson(response, 200, { exclusions: exclusions.list() });
}

/**
 * POST /exclusions/add with a rule of `exclude`; answers with it as it is listed.
 *
 * Rejects with WeirError HTTP_BODY, EXCLUSION_*, CONFIG_MANAGED, CONFIG_NOT_WRITTEN, SENSOR_*.
 */
export async function addExclusion(
  exclusions: Exclusions,
  layers: () => LoadedConfig['layers'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const rule = parse(await readBody(request, MAX_BODY));
  const boss = managing(layers);
  if (boss !== undefined) {
    throw new WeirError('CONFIG_MANAGED', `exclude is managed: ${boss} sets it`);
  }
  sendJson(response, 200, { exclusion: exclusions.add(rule) });
}

/**
 * POST /exclusions/remove with `{"ids": [...]}`: all of them, or none.
 *
 * Rejects with WeirError HTTP_BODY, EXCLUSION_UNKNOWN, CONFIG_NOT_WRITTEN, SENSOR_*.
 */
export async function removeExclusions(
  exclusions: Exclusions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = removal.safeParse(parse(await readBody(request, MAX_BODY)));
  if (!body.success) throw new WeirError('HTTP_BODY', 'the body must be {"ids": [ID, ...]}');
  exclusions.remove(body.data.ids);
  sendJson(response, 200, { removed: body.data.ids });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WeirError('HTTP_BODY', 'the body must be JSON', { cause: error });
  }
}

/** What managed.json says about exclusions is all there is to say; a broken file says nothing. */
function managing(layers: () => LoadedConfig['layers']): string | undefined {
  try {
    return layers().find(({ managed, fields }) => managed && valueAt(fields, ['exclude']))?.file;
  } catch {
    return undefined;
  }
}

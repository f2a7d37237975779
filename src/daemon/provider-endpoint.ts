import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { WeirError } from '../config/errors.ts';
import { PROVIDERS } from '../config/schema/names.ts';
import type { Collection } from './collection.ts';
import { readBody, sendJson } from './http.ts';

const MAX_BODY = 1024;
const body = z.strictObject({ provider: z.enum(PROVIDERS) });

/**
 * POST /provider with `{"provider": "auto" | "ebpf" | "netlink" | "off"}`: switches the source of
 * events, until the daemon ends.
 *
 * Rejects with WeirError HTTP_BODY, SENSOR_*.
 */
export async function answerProvider(
  collection: Collection,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { provider } = parse(await readBody(request, MAX_BODY));
  const switched = collection.switchProvider(provider);
  sendJson(response, 200, {
    provider: switched.provider,
    reason: switched.reason,
    overlap_ms: switched.overlapMs,
  });
}

function parse(text: string): z.infer<typeof body> {
  try {
    return body.parse(JSON.parse(text));
  } catch (error) {
    const message = `the body must be {"provider": NAME}, NAME one of ${PROVIDERS.join(', ')}`;
    throw new WeirError('HTTP_BODY', message, { cause: error });
  }
}

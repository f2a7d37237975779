import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { WeirError } from '../config/errors.ts';
import type { Collection } from './collection.ts';
import { readBody, sendJson } from './http.ts';
import { PROVIDER_NAMES } from './providers.ts';

const MAX_BODY = 1024;
const body = z.strictObject({ provider: z.enum(PROVIDER_NAMES) });

/**
 * POST /provider with `{"provider": "ebpf" | "netlink"}`: switches the source of events.
 *
 * Rejects with WeirError HTTP_BODY, PROVIDER_OFF, SENSOR_*.
 */
export async function answerProvider(
  collection: Collection | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { provider } = parse(await readBody(request, MAX_BODY));
  if (collection === null) {
    throw new WeirError(
      'PROVIDER_OFF',
      'nothing is collected by this daemon; set "provider" in its configuration and start it again',
    );
  }
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
    const message = `the body must be {"provider": NAME}, NAME one of ${PROVIDER_NAMES.join(', ')}`;
    throw new WeirError('HTTP_BODY', message, { cause: error });
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { WeirError } from '../config/errors.ts';
import { DETECTION_STATUSES } from '../results/detection-group.ts';
import type { ResultStore } from '../results/store.ts';
import { LONGEST_SUPPRESSION } from '../results/suppression.ts';
import { readBody, sendJson } from './http.ts';

const MAX_BODY = 64 << 10;
const MAX_ROWS = 10_000;

const limit = z.coerce.number().int().min(1).max(MAX_ROWS).default(1000);
const id = z.coerce.number().int().min(1);
const listed = z.strictObject({ status: z.enum(DETECTION_STATUSES).optional(), limit });
const one = z.strictObject({ id, limit });
const change = z.strictObject({
  ids: z.array(z.int().min(1)).min(1).max(1000),
  status: z.enum(DETECTION_STATUSES),
});

const suppression = z.strictObject({
  rule: z.string().min(1).max(255),
  conditions: z
    .array(
      z.strictObject({
        column: z.string().min(1).max(255),
        how: z.enum(['is', 'like']),
        text: z.string().max(MAX_BODY),
      }),
    )
    .max(100),
  seconds: z.int().min(1).max(LONGEST_SUPPRESSION),
  reason: z.string().min(1).max(1000),
});
const removal = z.strictObject({ ids: z.array(z.int().min(1)).min(1).max(1000) });

/** GET /detections?status=STATUS&limit=N: detections, those seen last first. */
export async function listDetections(
  store: ResultStore,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  const asked = checked(listed, Object.fromEntries(query));
  sendJson(response, 200, { detections: await store.groups(asked.limit, asked.status) });
}

/** GET /detections/show?id=ID&limit=N: one detection and its matching rows, oldest first. */
export async function showDetection(
  store: ResultStore,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  const asked = checked(one, Object.fromEntries(query));
  const detection = await store.group(asked.id);
  const rows = detection === null ? [] : await store.groupRows(asked.id, asked.limit);
  sendJson(response, 200, { detection, rows });
}

/** POST /detections/status with `{"ids": [...], "status": STATUS}`: all of them or none. */
export async function changeDetections(
  store: ResultStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { ids, status } = checked(change, json(await readBody(request, MAX_BODY)));
  await store.setStatus(ids, status, Math.floor(Date.now() / 1000));
  sendJson(response, 200, { changed: ids.length });
}

/** GET /detections/suppressions: newest first. */
export async function listSuppressed(store: ResultStore, response: ServerResponse): Promise<void> {
  sendJson(response, 200, { suppressions: await store.suppressions() });
}

/** POST /detections/suppress with `{"rule", "conditions", "seconds", "reason"}`. */
export async function suppressDetections(
  store: ResultStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wanted = checked(suppression, json(await readBody(request, MAX_BODY)));
  const now = Math.floor(Date.now() / 1000);
  const made = await store.suppress(wanted, now, now + wanted.seconds);
  sendJson(response, 200, { suppression: made });
}

/** POST /detections/unsuppress with `{"ids": [...]}`: all of them or none. */
export async function unsuppressDetections(
  store: ResultStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { ids } = checked(removal, json(await readBody(request, MAX_BODY)));
  await store.unsuppress(ids);
  sendJson(response, 200, { removed: ids.length });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WeirError('HTTP_BODY', `the body is no JSON: ${(error as Error).message}`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new WeirError('HTTP_BODY', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

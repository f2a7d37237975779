import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { WeirError } from '../config/errors.ts';

/** Status of an answer by error code; anything else is the caller's mistake in SQL. */
const STATUS: Readonly<Record<string, number>> = {
  SQL_BUSY: 503,
  SQL_WORKER: 500,
  SQL_TIMEOUT: 504,
  HTTP_TOO_LARGE: 413,
  HTTP_NOT_FOUND: 404,
  HTTP_METHOD: 405,
  HTTP_BUSY: 503,
  DETECTION_UNKNOWN: 404,
  DETECTION_OPEN: 409,
  SUPPRESSION_UNKNOWN: 404,
  RESULTS_UNAVAILABLE: 503,
  NOT_PERMITTED: 403,
};

export function statusOf(error: unknown): number {
  if (!(error instanceof WeirError)) return 500;
  return STATUS[error.code] ?? 400;
}

interface ErrorBody {
  readonly code: string;
  readonly message: string;
  /** What a command that asked ends with; 1 when it is not there. */
  readonly exit_code?: number;
}

/** What an answer says about an error; unexpected ones keep their inside to the log. */
export function errorBody(error: unknown): ErrorBody {
  if (error instanceof WeirError) {
    const { code, message, exitCode } = error;
    return { code, message, ...(exitCode === 1 ? {} : { exit_code: exitCode }) };
  }
  return { code: 'INTERNAL', message: 'internal error; see the daemon log' };
}

/** Reads a request's body. @throws WeirError HTTP_TOO_LARGE beyond `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) {
      throw new WeirError('HTTP_TOO_LARGE', `the request is larger than ${limit} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A signal that fires when the client is gone or the answer complete. */
export function closed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

/** Writes, and waits while the client is slower than we are. */
export async function write(
  response: ServerResponse,
  bytes: Uint8Array | string,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted || response.write(bytes)) return;
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

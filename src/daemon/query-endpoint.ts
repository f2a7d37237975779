import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { WeirError } from '../config/errors.ts';
import type { Encoding } from '../sql/messages.ts';
import type { QueryPool } from '../sql/pool.ts';
import { closed, errorBody, readBody, write } from './http.ts';

const BODY_LIMIT = 1 << 20;

const requestSchema = z.strictObject({
  sql: z.string(),
  /** json: one array of objects; jsonl: an object a line; wire: what weir's own commands read. */
  format: z.enum(['json', 'jsonl', 'wire']).default('json'),
  timeout_ms: z.int().min(0).max(86_400_000).optional(), // 0: no limit
  max_rows: z.int().min(0).optional(), // 0: no limit
});
type QueryRequest = z.output<typeof requestSchema>;

const CONTENT_TYPE: Readonly<Record<QueryRequest['format'], string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  wire: 'application/x-ndjson',
};

/** The body is SQL, or a JSON object (no SQL statement begins with a brace). */
function parse(body: string, query: URLSearchParams): QueryRequest {
  let raw: unknown;
  if (body.trimStart().startsWith('{')) {
    try {
      raw = JSON.parse(body);
    } catch (error) {
      throw new WeirError('HTTP_BODY', `the body is no JSON: ${(error as Error).message}`);
    }
  } else {
    const format = query.get('format');
    raw = { sql: body, ...(format === null ? {} : { format }) };
  }
  const parsed = requestSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new WeirError('HTTP_BODY', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** @param longest 0: as long as is asked for */
function deadline(asked: number | undefined, longest: number): { readonly timeoutMs?: number } {
  if (asked === undefined) return {};
  const tooLong = longest > 0 && (asked === 0 || asked > longest);
  return { timeoutMs: tooLong ? longest : asked };
}

/**
 * POST /query. Errors before the first row are an answer with a status; later ones are the last
 * line (wire, jsonl) or a broken connection (json), so that half a result never looks whole.
 * A result cut at max_rows says so in the trailer Weir-Truncated and in wire's last line.
 *
 * @param bounded the configured deadline is the longest that may be asked for
 */
export async function answerQuery(
  pool: QueryPool,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  bounded: boolean,
): Promise<void> {
  const asked = parse(await readBody(request, BODY_LIMIT), query);
  const gone = closed(response);
  const encoding: Encoding = asked.format;
  const stream = pool.stream(asked.sql, {
    encoding,
    lane: 'adhoc',
    signal: gone,
    ...deadline(asked.timeout_ms, bounded ? pool.timeoutMs : 0),
    ...(asked.max_rows === undefined ? {} : { maxRows: asked.max_rows }),
  });
  let begun = false;
  const begin = async (): Promise<void> => {
    if (begun) return;
    begun = true;
    response.writeHead(200, {
      'content-type': CONTENT_TYPE[asked.format],
      trailer: 'Weir-Truncated',
    });
    if (encoding === 'wire') {
      await write(response, `${JSON.stringify({ columns: await stream.columns })}\n`, gone);
    }
  };
  try {
    // The shell shows a heading at once, while curl's caller wants a status for late errors too.
    if (encoding === 'wire') {
      await stream.columns;
      await begin();
    }
    for await (const chunk of stream) {
      await begin();
      await write(response, chunk as Uint8Array, gone);
    }
    const end = await stream.end;
    await begin();
    if (encoding === 'wire') {
      const { stats, truncated, warnings } = end;
      response.write(`${JSON.stringify({ end: { ...stats, truncated, warnings } })}\n`);
    }
    response.addTrailers({ 'Weir-Truncated': end.truncated ? '1' : '0' });
    response.end();
  } catch (error) {
    if (!begun) throw error;
    if (encoding === 'json') response.destroy();
    else response.end(`${JSON.stringify({ error: errorBody(error) })}\n`);
  }
}

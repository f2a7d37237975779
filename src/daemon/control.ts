import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { WeirError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../config/log.ts';
import type { ResultStore } from '../results/store.ts';
import type { QueryPool } from '../sql/pool.ts';
import { isController, mayControl } from './caller.ts';
import type { Collection } from './collection.ts';
import {
  changeDetections,
  listDetections,
  listSuppressed,
  showDetection,
  suppressDetections,
  unsuppressDetections,
} from './detections-endpoint.ts';
import type { Exclusions } from './exclusions.ts';
import { addExclusion, listExclusions, removeExclusions } from './exclusions-endpoint.ts';
import { type HealthParts, health } from './health.ts';
import { closed, errorBody, sendJson, statusOf, write } from './http.ts';
import { sendMetrics } from './metrics.ts';
import { answerProvider } from './provider-endpoint.ts';
import { answerQuery } from './query-endpoint.ts';
import { answerReload } from './reload-endpoint.ts';
import type { Reloaded } from './reloading.ts';
import { listenOn } from './socket-file.ts';
import type { TailHub } from './tail-hub.ts';
import { DEFAULT_TAIL } from './tail-query.ts';

export interface ControlParts {
  readonly pool: QueryPool;
  readonly tail: TailHub;
  readonly health: HealthParts;
  readonly results: ResultStore;
  readonly collection: Collection;
  readonly exclusions: Exclusions;
  /** What each file of the configuration says now. */
  readonly layers: () => LoadedConfig['layers'];
  readonly reload: () => Promise<Reloaded>;
  /** Its members may control, not only ask. */
  readonly controlGroup: string | undefined;
  readonly log: Logger;
}

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<void> | void;

const MAX_CONNECTIONS = 128;
const MAX_TAILS = 32;
/** From end of headers to end of body; answers may take as long as their query. */
const REQUEST_MS = 10_000;

/** What doctor shows of the provider. */
function hooksOf({ provider }: Collection): object {
  return { provider: provider.name, hooks: provider.hooks() };
}

/** What a route lets a caller do: `read` whoever may open the socket, `control` not everybody. */
type Role = 'read' | 'control';

/** HTTP on the Unix socket: who may open it may ask everything; who controls is looked at. */
export class ControlServer {
  readonly #parts: ControlParts;
  readonly #server: Server;
  readonly #routes: Readonly<
    Record<string, readonly [method: string, role: Role, handler: Handler]>
  >;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.#routes = {
      '/query': [
        'POST',
        'read',
        (q, r, url) => {
          // Who only asks may ask for less time than is configured, but not for more.
          const bounded = !isController(q.socket, parts.controlGroup);
          return answerQuery(parts.pool, q, r, url.searchParams, bounded);
        },
      ],
      '/tail': ['GET', 'read', (_, r, url) => this.#tail(r, url.searchParams)],
      '/provider': ['POST', 'control', (q, r) => answerProvider(parts.collection, q, r)],
      '/reload': ['POST', 'control', (_, r) => answerReload(parts.reload, r)],
      '/exclusions': ['GET', 'read', (_, r) => listExclusions(parts.exclusions, r)],
      '/exclusions/add': [
        'POST',
        'control',
        (q, r) => addExclusion(parts.exclusions, parts.layers, q, r),
      ],
      '/exclusions/remove': ['POST', 'control', (q, r) => removeExclusions(parts.exclusions, q, r)],
      '/health': ['GET', 'read', (_, r) => sendJson(r, 200, health(parts.health))],
      '/metrics': ['GET', 'read', (_, r) => sendMetrics(r, parts.health)],
      '/hooks': ['GET', 'read', (_, r) => sendJson(r, 200, hooksOf(parts.collection))],
      '/detections': [
        'GET',
        'read',
        (_, r, url) => listDetections(parts.results, r, url.searchParams),
      ],
      '/detections/show': [
        'GET',
        'read',
        (_, r, url) => showDetection(parts.results, r, url.searchParams),
      ],
      '/detections/status': ['POST', 'control', (q, r) => changeDetections(parts.results, q, r)],
      '/detections/suppressions': ['GET', 'read', (_, r) => listSuppressed(parts.results, r)],
      '/detections/suppress': [
        'POST',
        'control',
        (q, r) => suppressDetections(parts.results, q, r),
      ],
      '/detections/unsuppress': [
        'POST',
        'control',
        (q, r) => unsuppressDetections(parts.results, q, r),
      ],
    };
    this.#server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: 1000 });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('request', (request, response) => void this.#handle(request, response));
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /** Rejects with WeirError SOCKET_*. */
  async listen(path: string): Promise<void> {
    await listenOn(this.#server, path);
  }

  /** Stops listening and ends open answers. The socket file goes with it. */
  async close(): Promise<void> {
    const done = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await done;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    try {
      const url = new URL(request.url ?? '/', 'http://weir');
      const route = this.#routes[url.pathname];
      if (route === undefined) {
        const known = Object.keys(this.#routes).join(', ');
        throw new WeirError('HTTP_NOT_FOUND', `nothing at ${url.pathname}; there are ${known}`);
      }
      const [method, role, handler] = route;
      if (request.method !== method) {
        throw new WeirError('HTTP_METHOD', `${url.pathname} takes ${method}`);
      }
      if (role === 'control') mayControl(request.socket, this.#parts.controlGroup);
      await handler(request, response, url);
    } catch (error) {
      if (!(error instanceof WeirError)) this.#parts.log.error({ err: error }, 'a request failed');
      if (response.headersSent) response.destroy();
      else {
        // What is left of a body that was too large is not read.
        if (!request.complete) response.once('finish', () => request.destroy());
        sendJson(response, statusOf(error), { error: errorBody(error) });
      }
    }
  }

  async #tail(response: ServerResponse, query: URLSearchParams): Promise<void> {
    const { tail } = this.#parts;
    if (tail.size >= MAX_TAILS) throw new WeirError('HTTP_BUSY', `${MAX_TAILS} tails run already`);
    const asked = query.getAll('table');
    const follow = await tail.subscribe({
      tables: asked.length > 0 ? asked : DEFAULT_TAIL,
      where: query.get('where') ?? '',
    });
    const gone = closed(response);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    try {
      await follow((lines) => write(response, lines, gone), gone);
      response.end();
    } catch (error) {
      response.end(`${JSON.stringify({ error: errorBody(error) })}\n`);
    }
  }
}

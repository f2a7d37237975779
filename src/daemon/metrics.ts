import { createServer, type ServerResponse } from 'node:http';
import { WeirError } from '../config/errors.ts';
import type { Logger } from '../config/log.ts';
import { native } from '../native/addon.ts';
import { CLASS_NAMES } from '../sensor/schema.ts';
import { type HealthParts, health } from './health.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** Once: rounded anew it would move now and then, which looks like a restart. */
const STARTED = Math.round(Date.now() / 1000 - process.uptime());

const one = (value: number): readonly Sample[] => [[{}, value]];
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** Numbers by class index. */
function classes(values: readonly number[]): Sample[] {
  return CLASS_NAMES.map((name, index) => [{ class: name }, values[index] ?? 0]);
}

function losses(): Sample[] {
  const { pending: _, ...stages } = native.loss();
  return Object.entries(stages).flatMap(([stage, values]) =>
    classes(values as number[]).map(([labels, value]): Sample => {
      return [{ ...labels, stage: snake(stage) }, value];
    }),
  );
}

/** What Prometheus reads. */
export function metrics(parts: HealthParts): string {
  const { store, collection, detecting } = parts;
  const report = health(parts);
  const stats = store.native.stats();
  const queries = detecting?.statistics() ?? [];
  const sinks = detecting?.sinks() ?? [];
  const coverage = collection?.coverage() ?? [];
  const info = { version: String(report.version), provider: String(report.provider) };
  const { user, system } = process.cpuUsage();
  const codes = new Map<string, number>();
  for (const { code } of report.issues as { code: string }[]) {
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return [
    metric('weir_info', 'gauge', 'Version and source of events.', [[info, 1]]),
    metric('weir_healthy', 'gauge', '1 when there are no issues.', one(report.healthy ? 1 : 0)),
    metric(
      'weir_issues',
      'gauge',
      'Issues by code.',
      [...codes].map(([code, n]) => [{ code }, n]),
    ),
    metric('weir_events_total', 'counter', 'Events by class and by what became of them.', losses()),
    metric('weir_events_pending', 'gauge', 'Events on their way.', classes(native.loss().pending)),
    metric(
      'weir_class_watched',
      'gauge',
      '1 while the class is watched.',
      coverage.map((c) => [{ class: c.className, tier: c.tier }, c.covered ? 1 : 0]),
    ),
    metric('weir_store_rows', 'gauge', 'Stored rows.', classes(stats.rows)),
    metric('weir_store_bytes', 'gauge', 'Bytes of stored blocks.', classes(stats.bytes)),
    metric('weir_store_queued_rows', 'gauge', 'Rows not yet on disk.', one(stats.queuedRows)),
    metric('weir_store_errors_total', 'counter', 'Failed writes.', one(stats.errorCount)),
    metric(
      'weir_query_runs_total',
      'counter',
      'Runs of scheduled queries.',
      queries.map((q) => [{ query: q.name }, q.runs]),
    ),
    metric(
      'weir_query_errors_total',
      'counter',
      'Failed runs of scheduled queries.',
      queries.map((q) => [{ query: q.name }, q.errors]),
    ),
    metric(
      'weir_query_seconds_total',
      'counter',
      'Time that scheduled queries took.',
      queries.map((q) => [{ query: q.name }, q.wallMs / 1000]),
    ),
    metric(
      'weir_sink_rows_total',
      'counter',
      'Result rows delivered.',
      sinks.map((s) => [{ sink: s.name }, s.delivered]),
    ),
    metric(
      'weir_sink_failures',
      'gauge',
      'Failed deliveries in a row.',
      sinks.map((s) => [{ sink: s.name }, s.failures]),
    ),
    metric('process_cpu_seconds_total', 'counter', 'Processor time.', one((user + system) / 1e6)),
    metric(
      'process_resident_memory_bytes',
      'gauge',
      'Resident memory.',
      one(process.memoryUsage.rss()),
    ),
    metric('process_start_time_seconds', 'gauge', 'Start, seconds since 1970.', one(STARTED)),
  ].join('');
}

export function sendMetrics(response: ServerResponse, parts: HealthParts): void {
  const text = metrics(parts);
  response.writeHead(200, {
    'content-type': METRICS_TYPE,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

const MAX_CONNECTIONS = 16;
const REQUEST_MS = 5000;

/**
 * /metrics on TCP, and nothing else there: numbers, no events.
 *
 * Rejects with WeirError METRICS_LISTEN (78).
 *
 * @param listen address and port, IPv6 in brackets
 * @returns ends it
 */
export async function serveMetrics(
  listen: string,
  parts: HealthParts,
  log: Logger,
): Promise<() => Promise<void>> {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replaceAll(/[[\]]/g, '');
  const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: 1000 });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_, socket) => socket.destroy());
  server.on('request', (request, response) => {
    response.on('error', () => {});
    const known = request.url?.split('?')[0] === '/metrics';
    if (known && request.method === 'GET') {
      try {
        return sendMetrics(response, parts);
      } catch (error) {
        log.error({ err: error }, 'metrics could not be told');
        return response.writeHead(500).end('internal error; see the daemon log\n');
      }
    }
    return response.writeHead(known ? 405 : 404).end('GET /metrics\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `metrics.listen: cannot listen on ${listen}: ${cause.message}`;
      reject(new WeirError('METRICS_LISTEN', message, { exitCode: 78, cause }));
    });
    server.listen({ host, port: Number(listen.slice(colon + 1)) }, resolve);
  });
  server.on('error', (error) => log.error({ err: error }, 'metrics.listen failed'));
  return async () => {
    const done = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await done;
  };
}

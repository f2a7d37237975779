/** What is kept, how much of the host weir may take, and who may ask. */
import { z } from 'zod';
import { absolutePath, bytes, duration, milliseconds, tcpAddress, wholeNumber } from './values.ts';

/** Limits of one table, in place of (max_age) or beside (max_bytes) those of the whole store. */
const tableLimits = z
  .strictObject({ max_age: duration.optional(), max_bytes: bytes.optional() })
  .optional();

export const LIMITS = {
  store: z
    .strictObject({
      max_age: duration.prefault('30d'), // seconds; 0: no limit
      max_bytes: bytes.prefault('2GiB'), // 0: no limit
      flush_ms: milliseconds(10, 1000).default(1000),
      /** Views share rows: file_events those of process_file_events, and signal_events and its
       * like those of kernel_events. */
      tables: z
        .strictObject({
          process_events: tableLimits,
          process_lifecycle_events: tableLimits,
          process_seen: tableLimits,
          socket_events: tableLimits,
          dns_events: tableLimits,
          process_file_events: tableLimits,
          kernel_events: tableLimits,
          behavior_events: tableLimits,
          host_events: tableLimits,
        })
        .prefault({}),
    })
    .prefault({}),
  /** Folder of user's own tables, TypeScript or JavaScript files. */
  tables: z.strictObject({ directory: absolutePath.optional() }).prefault({}),
  /** Near them the daemon does less, step by step, and says so: rules, then classes of events. */
  limits: z
    .strictObject({
      memory: bytes.prefault('352MiB'), // resident; 0: no limit
      cpu_percent: wholeNumber(0, 100_000).default(0), // of one processor, over 5 s; 0: no limit
    })
    .prefault({}),
  /** Members of the group may change things through the socket (reload, provider, detections),
   * as root may; without one, root alone. Asking is up to the socket's own group, weir. */
  control: z.strictObject({ group: z.string().min(1).optional() }).prefault({}),
  /** Prometheus' /metrics is always on the socket; here also on TCP. */
  metrics: z.strictObject({ listen: tcpAddress.optional() }).prefault({}),
  query: z
    .strictObject({
      timeout_ms: milliseconds(1, 86_400_000).default(60_000),
      max_rows: wholeNumber(1, 1_000_000_000).default(1_000_000),
      workers: wholeNumber(1, 64).default(2),
      max_temporary_bytes: bytes.prefault('1GiB'), // of all queries that run, together
    })
    .prefault({}),
  results: z
    .strictObject({
      client: z.enum(['sqlite', 'pg']).default('sqlite'),
      /** sqlite: file, default results.db in state_dir. pg: connection string. */
      connection: z.string().min(1).optional(),
    })
    .refine((r) => r.client !== 'pg' || r.connection !== undefined, {
      error: 'client "pg" needs a connection string, such as postgres://weir@db.example/weir',
      path: ['connection'],
    })
    .prefault({}),
};

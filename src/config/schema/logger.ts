/** Where result lines go. */
import { z } from 'zod';
import { SYSLOG_FACILITIES, type SyslogFacility } from './names.ts';
import { absolutePath, bytes, wholeNumber } from './values.ts';

const format = z.enum(['osquery', 'ecs', 'ocsf']).default('osquery');

/** Somewhere lines go: false, true for its defaults, or its settings. Becomes settings, or null. */
function sink<T extends z.core.$ZodLooseShape>(shape: T) {
  const settings = z.strictObject({ format, ...shape });
  return z
    .preprocess(
      (value) => (value === true ? {} : value === false || value === undefined ? null : value),
      settings.nullable(),
    )
    .prefault(null);
}

export const LOGGER = {
  logger: z
    .strictObject({
      /** Folder for weir.results.log and weir.snapshots.log; null: no files. */
      path: absolutePath.nullable().optional(), // default: log in state_dir
      /** Of those files; the others say their own. */
      format,
      rotate: z
        .strictObject({
          max_bytes: bytes.prefault('25MiB'), // 0: never
          keep: wholeNumber(0, 1000).default(25),
          compress: z.boolean().default(true),
        })
        .prefault({}),
      stdout: sink({}),
      syslog: sink({
        socket: absolutePath.default('/dev/log'),
        facility: z.enum(Object.keys(SYSLOG_FACILITIES) as SyslogFacility[]).default('local3'), // osquery's
        tag: z
          .string()
          .regex(/^[\x21-\x7e]{1,32}$/, { error: 'up to 32 visible ASCII characters' })
          .default('weir'),
        cee: z.boolean().default(false),
      }),
      journald: sink({
        socket: absolutePath.default('/run/systemd/journal/socket'),
        identifier: z.string().min(1).max(255).default('weir'),
      }),
      decorations_top_level: z.boolean().default(false),
      event_type: z.boolean().default(true), // false: one line per query run
      snapshot_event_type: z.boolean().default(false), // true: one line per snapshot row
      numerics: z.boolean().default(false), // true: numbers without quotes
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
    })
    .prefault({}),
};

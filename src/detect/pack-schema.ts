/** What a pack file may hold: osquery's keys, and weir's for event queries and detections. */
import { z } from 'zod';

const INTERVAL = 'seconds, a whole number from 1 to 604800';
const SHARD = 'a percentage, a whole number from 1 to 100';

/** osquery's packs write numbers and switches as text too. */
function whole(low: number, high: number, error: string) {
  return z
    .union([z.number(), z.string().regex(/^\d{1,9}$/, { error })], { error })
    .transform(Number)
    .pipe(z.number().int({ error }).min(low, { error }).max(high, { error }));
}

const toggle = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'true or false' })
  .transform((value) => value === true || value === 'true');

const texts = z
  .union([z.string(), z.array(z.string())], { error: 'text or a list of texts' })
  .transform((value) => (typeof value === 'string' ? [value] : value));

const RESPOND = 'alert, stop, kill, or {"exec": NAME} with a name of response.commands';
const TECHNIQUE = 'an ATT&CK technique such as T1059.004';
const technique = z
  .string({ error: TECHNIQUE })
  .regex(/^T\d{4}(?:\.\d{3})?$/, { error: TECHNIQUE });

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;

const applies = {
  /** linux, posix, any, all; a comma separates several. */
  platform: z.string().optional(),
  /** Lowest version of osquery that the query is for. */
  version: z.string().optional(),
  shard: whole(1, 100, SHARD).optional(),
};

export const querySchema = z.strictObject({
  query: z.string().min(1),
  interval: whole(1, 604_800, INTERVAL).optional(),
  snapshot: toggle.optional(),
  removed: toggle.optional(),
  denylist: toggle.optional(),
  blacklist: toggle.optional(),
  ...applies,
  startup_priority: whole(0, 999_999_999, 'a whole number').optional(),
  description: z.string().optional(),
  value: z.string().optional(),
  /**
   * `history`: runs as written over all events; `events`: each event once even with a time bound;
   * `streaming`: each event once, as soon as it happens.
   */
  mode: z.enum(['events', 'history', 'streaming']).optional(),
  /** Table or alias whose new rows drive the query. */
  driver: z.string().min(1).optional(),
  /** Makes its rows detections. */
  severity: z.enum(SEVERITIES).optional(),
  attack: z
    .union([technique, z.array(technique)], { error: `${TECHNIQUE}, or a list of them` })
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .optional(),
  /** What is done about its detections, where `response` in the configuration allows it. */
  respond: z
    .union(
      [
        z.enum(['alert', 'stop', 'kill']),
        z.strictObject({ exec: z.string().regex(/^[\w-]{1,64}$/, { error: RESPOND }) }),
      ],
      { error: RESPOND },
    )
    .optional(),
  false_positives: texts.optional(),
  references: texts.optional(),
});

export const packSchema = z.strictObject({
  ...applies,
  discovery: z.array(z.string().min(1)).optional(),
  description: z.string().optional(),
  oncall: z.string().optional(),
  queries: z.record(z.string().min(1), querySchema),
});

export type PackQuery = z.output<typeof querySchema>;
export type Pack = z.output<typeof packSchema>;

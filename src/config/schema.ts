/**
 * What the configuration document may hold. Config keeps the document's own names, so that a
 * setting has one name everywhere; docs/configuration.md explains each.
 */
import { z } from 'zod';
import { COLLECTION } from './schema/collection.ts';
import { LIMITS } from './schema/limits.ts';
import { LOGGER } from './schema/logger.ts';
import { QUERIES } from './schema/queries.ts';
import { absolutePath } from './schema/values.ts';
import { VERDICTS } from './schema/verdicts.ts';

export const configSchema = z.strictObject({
  state_dir: absolutePath.default('/var/lib/weir'),
  socket: absolutePath.optional(), // default: weir.sock in state_dir
  /** `hostname`, `uuid` (machine id), or any other text as it is. */
  host_identifier: z.string().min(1).default('hostname'),
  ...COLLECTION,
  ...VERDICTS,
  ...QUERIES,
  ...LIMITS,
  ...LOGGER,
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

type Parsed = DeepReadonly<z.output<typeof configSchema>>;

/** A checked configuration with every default filled in. Durations are seconds unless named _ms. */
export type Config = Omit<Parsed, 'socket' | 'logger'> & {
  readonly socket: string;
  readonly logger: Omit<Parsed['logger'], 'path'> & { readonly path: string | null };
};

export type ExclusionRule = Config['exclude'][number];

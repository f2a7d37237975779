/** What is asked: queries, packs, rules, and what they read. */
import { z } from 'zod';
import { forPlatform } from '../platform.ts';
import { wholeNumber } from './values.ts';

const VIEW = 'names of letters, digits and _, each with a SELECT';
const NAME = z.string().regex(/^[A-Za-z_]\w{0,62}$/);
const CONSTRUCTED = 'names of letters, digits and _, each with `query`, `path` and `columns`';
const EVERY = 'intervals in seconds, multiples of 60, each with a list of queries';
const texts = z.array(z.string().min(1), { error: 'a list of queries' });

/** Whole packs and queries are checked by the rooms that run them: here only their shape. */
const query = z.looseObject({ query: z.string().min(1) });

/** Those of other platforms stand in the same file, with paths and names that mean nothing here. */
const construction = z
  .object({
    query: z.string().min(1),
    path: z.string().min(1),
    columns: z.array(z.string()).min(1).max(200),
    platform: z.string().optional(),
  })
  .superRefine(({ path, columns, platform }, context) => {
    if (!forPlatform(platform)) return;
    const issue = (message: string, ...at: (string | number)[]): void =>
      context.addIssue({ code: 'custom', message, path: at });
    if (!/^\/[^\0]*$/.test(path)) issue('an absolute path, with % for any part of a name', 'path');
    for (const [i, name] of columns.entries()) {
      if (!NAME.safeParse(name).success) issue('a name of letters, digits and _', 'columns', i);
    }
  });

export const QUERIES = {
  schedule: z.record(z.string(), query).default({}),
  packs: z
    .record(
      z.string(),
      z.union([z.string().min(1), z.looseObject({})], {
        error: 'a pack, the path of a pack file, or (for the key "*") a glob of pack files',
      }),
    )
    .default({}),
  /** Files and folders with rules in Sigma's form, which run as streaming rules. */
  sigma: z.strictObject({ rules: z.array(z.string().min(1)).default([]) }).prefault({}),
  /** osquery's: tables that are queries of other SQLite files. */
  auto_table_construction: z.record(NAME, construction, { error: CONSTRUCTED }).default({}),
  /** Named SELECTs that queries may read like tables. */
  views: z
    .record(NAME, z.string().min(1), {
      error: VIEW,
    })
    .default({}),
  /** osquery's: signatures by group, and the groups that are applied to categories of file_paths. */
  yara: z
    .strictObject({
      signatures: z.record(z.string().min(1), z.array(z.string().min(1))).default({}),
      file_paths: z.record(z.string(), z.array(z.string())).default({}),
      signature_urls: z.array(z.string()).default([]),
    })
    .prefault({}),
  /** Queries whose first row is added to every log line. */
  decorators: z
    .strictObject({
      load: texts.default([]),
      always: texts.default([]),
      interval: z
        .record(z.string().regex(/^[1-9]\d{0,4}$/, { error: EVERY }), texts)
        .refine((all) => Object.keys(all).every((key) => Number(key) % 60 === 0), { error: EVERY })
        .default({}),
    })
    .prefault({}),
  /** osquery's flags; those with an equal here are moved there before this schema is applied. */
  options: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], { error: 'text, a number, true or false' }),
    )
    .default({}),
  scheduler: z
    .strictObject({
      splay_percent: wholeNumber(0, 100).default(10),
      default_interval: wholeNumber(1, 604_800).default(3600), // seconds
      epoch: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
      pack_delimiter: z.string().min(1).default('_'),
    })
    .prefault({}),
};

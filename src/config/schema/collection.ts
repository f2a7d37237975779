/** What is seen, and by what means. */
import { z } from 'zod';
import { exclusion } from './exclusion.ts';
import { PROVIDERS } from './names.ts';
import { absolutePath, categories, cgroup, milliseconds, pattern, wholeNumber } from './values.ts';

const collect = z.strictObject({
  process: z.boolean().default(true), // fork, exec, exit
  socket: z.boolean().default(true),
  file: z.boolean().default(true),
  kernel: z.boolean().default(true), // credentials, ptrace, signals, modules, mounts, ...
  dns: z.boolean().default(true), // questions and answers on port 53
  behavior: z.boolean().default(true), // verdicts on what process, socket and file see
  host: z.boolean().default(true), // devices, logins, denials, ...: `host_events` says which
  unix_sockets: z.boolean().default(true),
  /** Outside of these nothing is watched. Empty: everything is. */
  only: z
    .strictObject({
      cgroups: z.array(cgroup).default([]),
      executables: z.array(absolutePath).default([]),
    })
    .prefault({}),
  /** Opens for reading are events below these. */
  read_paths: z.array(pattern).default([]),
});

export const COLLECTION = {
  provider: z.enum(PROVIDERS).default('auto'),
  sensor: z
    .strictObject({
      /** Best hooks to try: trampolines, kprobes, or tracepoints alone. */
      tiers: z.enum(['best', 'kprobe', 'tracepoint']).default('best'),
      /** Opens and closes of one file by one process: rows of their own up to `burst` a second, then
       * one an interval, with a count. Off with interval_ms 0, or while debounce is off. */
      repeats: z
        .strictObject({
          burst: wholeNumber(1, 1_000_000).default(64),
          interval_ms: milliseconds(0, 60_000).default(100),
        })
        .prefault({}),
      /** Events a second of one session, and of one cgroup; programs, forks and exits are exempt.
       * 0: no limit. */
      rate_limit: z
        .strictObject({
          tree: wholeNumber(0, 100_000_000).default(200_000),
          cgroup: wholeNumber(0, 100_000_000).default(400_000),
          burst: wholeNumber(1, 100_000_000).default(1_000_000),
        })
        .prefault({}),
    })
    .prefault({}),
  collect: collect.prefault({}),
  exclude: z.array(exclusion).default([]),
  debounce: z
    .strictObject({
      window_ms: milliseconds(0, 3_600_000).default(10_000), // 0: off
      entries: wholeNumber(1024, 1 << 20).default(65_536),
    })
    .prefault({}),
  send_window_ms: milliseconds(0, 3_600_000).default(10_000),
  /** Where rows of host_events come from; while collect.host is true. */
  host_events: z
    .strictObject({
      hardware: z.boolean().default(true), // devices: udev, or the kernel
      audit: z.boolean().default(true), // records that others ask for; read only
      logins: z.boolean().default(true), // wtmp and btmp
      journal: z.boolean().default(false), // lines of the journal
      syslog_pipe: absolutePath.optional(), // lines that rsyslog writes there
      /** Rows a second of one topic; 0: no limit. */
      rate_limit: wholeNumber(0, 1_000_000).default(1000),
    })
    .prefault({}),
  file_paths: categories.default({}),
  /** Queries that are asked at start: what they have in `path` is added to the category. */
  file_paths_query: z
    .record(z.string(), z.array(z.string().min(1)), {
      error: 'categories, each with a list of queries',
    })
    .default({}),
  exclude_paths: categories.default({}),
  file_accesses: z.array(z.string()).default([]),
};

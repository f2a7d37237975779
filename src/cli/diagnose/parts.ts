import { lstatSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { problemText } from '../../config/problems.ts';
import { REMOVED } from '../../config/redact.ts';
import { VERSION } from '../../config/version.ts';
import { RowEncoder } from '../../sql/encode.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import { hotSources } from '../../tables/hot-sources.ts';
import { callDaemon, daemonAnswers } from '../daemon-source.ts';
import { examine } from '../doctor/examine.ts';
import type { Location } from '../location.ts';
import type { RowSource } from '../row-source.ts';
import { daemonLog } from './daemon-log.ts';
import { bpfObjects, kernelFacts } from './kernel.ts';

export interface Asked {
  readonly location: Location;
  readonly configFile: string | undefined;
  /** Of the daemon; undefined when none answers. */
  readonly pid: number | undefined;
  readonly source: RowSource;
  readonly signal: () => AbortSignal;
}

/** One file of the bundle. */
export interface Part {
  readonly file: string;
  readonly about: string;
  /** Holds what was seen on the host, not only how weir fares: only when asked for. */
  readonly events?: boolean;
  /** A string is a text file's, all else becomes JSON. Throws, or rejects, when it cannot be had. */
  read(asked: Asked): unknown;
}

const EVENT_ROWS = 1000;
const STATISTICS_SECONDS = 60;

/** Rejects when no daemon answers, or the signal comes first. */
export async function healthOf(
  socket: string,
  signal: AbortSignal,
): Promise<{ readonly pid?: number }> {
  if (!(await daemonAnswers(socket))) throw new Error(`no daemon answers on ${socket}`);
  const answer = await callDaemon(socket, { method: 'GET', path: '/health' }, signal);
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return JSON.parse(text);
}

async function rowsOf({ source, signal }: Asked, sql: string): Promise<unknown> {
  const result = source.ask(sql, { maxRows: 0, signal: signal() });
  let encoder: RowEncoder | undefined;
  let json = '';
  for await (const rows of result.rows) {
    encoder ??= new RowEncoder('json', await result.columns);
    for (const row of rows) json += encoder.row(row);
  }
  encoder ??= new RowEncoder('json', await result.columns);
  return JSON.parse(json + encoder.end());
}

const query = (file: string, about: string, sql: string): Part => ({
  ...{ file, about },
  read: (asked) => rowsOf(asked, sql),
});

/** osquery's options that mean something were moved to the keys that they set: what is left may be
 * anything, and tells nothing. */
const withoutTexts = (options: object): object =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'string' ? REMOVED : value,
    ]),
  );

function configuration({ configFile, location }: Asked): object {
  const flags = { stateDir: location.stateDir, socket: location.socket };
  const { config, file, warnings } = loadConfig({ file: configFile, flags });
  return {
    file: file ?? '(built-in defaults)',
    warnings: warnings.map((problem) => problemText(problem, file)),
    in_force: { ...config, options: withoutTexts(config.options) },
  };
}

/** Sizes and times of what is in the state directory; log files are named, not read. */
function stateFiles({ location: { stateDir } }: Asked): object {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(stateDir);
  const names = readdirSync(stateDir, { recursive: true, encoding: 'utf8' }).slice(0, 10_000);
  return {
    state_dir: stateDir,
    disk: { bytes: bsize * blocks, available: bsize * bavail, inodes: files, free_inodes: ffree },
    files: names.sort().flatMap((name) => {
      try {
        const { size, mode, uid, gid, mtime } = lstatSync(join(stateDir, name));
        return [{ name, size, mode: mode.toString(8), uid, gid, mtime }];
      } catch {
        return []; // Gone meanwhile.
      }
    }),
  };
}

function daemonProcess({ pid }: Asked): object {
  if (pid === undefined) throw new Error('no daemon answers');
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const lines = (name: string): string[] => read(name).trim().split('\n');
  return {
    status: lines('status'),
    limits: lines('limits'),
    cgroup: lines('cgroup'),
    open_files: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

/** What a bundle consists of. */
export const PARTS: readonly Part[] = [
  {
    file: 'version.json',
    about: 'versions of weir, Node and its libraries',
    read: () => ({ weir: VERSION, ...process.versions }),
  },
  {
    file: 'health.json',
    about: 'what weir health says: issues, hook tiers, coverage, losses, other sensors',
    read: ({ location, signal }) => healthOf(location.socket, signal()),
  },
  {
    file: 'doctor.json',
    about: 'what weir doctor says: host, rights, hooks and why not better ones, other sensors',
    read: examine,
  },
  {
    file: 'configuration.json',
    about: 'configuration in force, secrets removed',
    read: configuration,
  },
  query('loss.json', 'table weir_loss: where every event went', 'SELECT * FROM weir_loss'),
  query(
    'coverage.json',
    'table weir_coverage: what was watched when, by which provider and tier',
    'SELECT * FROM weir_coverage ORDER BY since DESC LIMIT 1000',
  ),
  query(
    'tables.json',
    'table weir_tables: size and span of the store',
    'SELECT * FROM weir_tables',
  ),
  { file: 'store.json', about: 'files of the state directory and its disk', read: stateFiles },
  {
    file: 'kernel.json',
    about: 'kernel, its options and settings that decide about hooks',
    read: kernelFacts,
  },
  {
    file: 'process.json',
    about: 'capabilities, limits, memory of the daemon',
    read: daemonProcess,
  },
  {
    file: 'bpf.json',
    about: 'programs with run times, links and maps of the daemon',
    read: ({ pid }) => {
      if (pid === undefined) throw new Error('no daemon answers');
      return bpfObjects(pid);
    },
  },
  { file: 'daemon.log', about: 'end of the log', read: ({ pid }) => daemonLog(pid) },
  query(
    'statistics.json',
    `weir statistics of ${STATISTICS_SECONDS} s, without the names of what was seen`,
    `SELECT kind, CASE WHEN kind IN ('action', 'syscall') THEN name END AS name, classes, rows,
       events, bytes, percent FROM (${hotSources(STATISTICS_SECONDS)})`,
  ),
  {
    ...query(
      'events/statistics.json',
      `weir statistics of ${STATISTICS_SECONDS} s`,
      hotSources(STATISTICS_SECONDS),
    ),
    events: true,
  },
  ...EVENT_TABLES.map(({ name }) => ({
    ...query(
      `events/${name}.json`,
      `newest ${EVENT_ROWS} rows of ${name}`,
      `SELECT * FROM ${name} ORDER BY time DESC LIMIT ${EVENT_ROWS}`,
    ),
    events: true,
  })),
];

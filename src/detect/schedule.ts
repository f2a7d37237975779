import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { type JsonPath, parseKey } from '../config/key-path.ts';
import type { Located } from '../config/merged-document.ts';
import { type Problem, pathText, problemAt, problemsOf, problemText } from '../config/problems.ts';
import type { Config } from '../config/schema.ts';
import { isApplicable } from './applicable.ts';
import {
  compile,
  type LoadedPack,
  loadInlinePack,
  loadPackFile,
  type PackInfo,
  type PackOptions,
} from './pack.ts';
import { querySchema } from './pack-schema.ts';
import type { ScheduledQuery } from './scheduled-query.ts';
import type { RegexCheck } from './sigma/convert.ts';
import { loadSigma } from './sigma/load.ts';
import type { SqlCheck } from './sql-check.ts';
import { expandViews, type Views, viewsOf } from './views.ts';

export interface ScheduleOptions {
  readonly config: Pick<Config, 'schedule' | 'packs' | 'scheduler' | 'views' | 'sigma'>;
  /** Folder that relative pack paths start from: the configuration file's. */
  readonly folder: string;
  readonly hostname: string;
  /** Pack files beside those of the configuration, such as the shipped ones. */
  readonly packFiles?: readonly string[];
  readonly check?: SqlCheck;
  readonly regex?: RegexCheck;
  /** Where something of the configuration stands. */
  readonly locate?: Located['locate'];
}

export interface Schedule {
  readonly queries: readonly ScheduledQuery[];
  readonly packs: readonly PackInfo[];
  /** One line each, with file and place. Queries with errors are left out, the others run. */
  readonly problems: readonly { readonly severity: Problem['severity']; readonly text: string }[];
}

/** Gathers all queries of the configuration's `schedule` and `packs`. Never throws. */
export function loadSchedule(options: ScheduleOptions): Schedule {
  const { config, check } = options;
  const queries = new Map<string, ScheduledQuery>();
  const problems: { severity: Problem['severity']; text: string }[] = [];
  const packs: PackInfo[] = [];
  const add = (loaded: LoadedPack, text: (problem: Problem) => string): void => {
    if (loaded.pack !== undefined) packs.push(loaded.pack);
    for (const query of loaded.queries) queries.set(query.name, query);
    for (const problem of loaded.problems) {
      problems.push({ severity: problem.severity, text: text(problem) });
    }
  };
  const inFile = (file: string) => (problem: Problem) => problemText(problem, file);
  const inConfiguration =
    (...part: JsonPath) =>
    (problem: Problem): string => {
      const path = [...part, ...(problem.path === '' ? [] : parseKey(problem.path))];
      return problemText({ ...problem, path: pathText(path), ...options.locate?.(path) });
    };
  const views = viewsOf(config.views);
  const packOptions: PackOptions = {
    hostname: options.hostname,
    delimiter: config.scheduler.pack_delimiter,
    defaultInterval: config.scheduler.default_interval,
    check,
    views,
  };
  add(viewProblems(views, check), inConfiguration('views'));
  add(loadPlainQueries(options, views), inConfiguration('schedule'));
  for (const [name, pack] of Object.entries(config.packs)) {
    if (typeof pack !== 'string') {
      add(loadInlinePack(name, pack, packOptions), inConfiguration('packs', name));
    } else if (name === '*') {
      const files = globSync(resolve(options.folder, pack)).sort();
      for (const file of files) add(loadPackFile(file, packOptions), inFile(file));
    } else {
      const file = resolve(options.folder, pack);
      add(loadPackFile(file, packOptions, name), inFile(file));
    }
  }
  for (const file of options.packFiles ?? []) add(loadPackFile(file, packOptions), inFile(file));
  for (const rules of config.sigma.rules) {
    const path = resolve(options.folder, rules);
    const loaded = loadSigma(path, { ...packOptions, regex: options.regex });
    for (const query of loaded.queries) {
      if (!queries.has(query.name)) queries.set(query.name, query);
      else problems.push({ severity: 'error', text: `${path}: two rules are ${query.name}` });
    }
    // Folders of others' rules hold many that are for other systems.
    problems.push(...loaded.problems.map(({ text }) => ({ severity: 'warning', text }) as const));
  }
  return { queries: [...queries.values()], packs, problems };
}

/** Each view by itself: a query that reads one would be blamed otherwise. */
function viewProblems(views: Views, check: SqlCheck | undefined): LoadedPack {
  const problems: Problem[] = [];
  for (const name of views.keys()) {
    const wrong = wrongView(name, views, check);
    if (wrong !== null) problems.push(problemAt('error', [name], wrong));
  }
  return { queries: [], problems };
}

function wrongView(name: string, views: Views, check: SqlCheck | undefined): string | null {
  try {
    if (check?.(`SELECT 1 FROM ${name}`) === null) return 'there is a table of this name';
    return check?.(expandViews(`SELECT * FROM ${name}`, views)) ?? null;
  } catch (error) {
    return (error as Error).message;
  }
}

function loadPlainQueries(options: ScheduleOptions, views: Views): LoadedPack {
  const { schedule, scheduler } = options.config;
  const queries: ScheduledQuery[] = [];
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(schedule)) {
    const parsed = querySchema.safeParse(value);
    if (!parsed.success) {
      const wrong = problemsOf(parsed.error, querySchema);
      const at = (path: string) => pathText([name, ...(path === '' ? [] : parseKey(path))]);
      problems.push(...wrong.map((p) => ({ ...p, path: at(p.path) })));
      continue;
    }
    if (!isApplicable(parsed.data, options.hostname)) continue;
    const defaults = { interval: scheduler.default_interval, views };
    const result = compile(name, parsed.data, defaults, options.check);
    if (result.query !== null) queries.push(result.query);
    for (const [severity, key, message] of result.problems) {
      problems.push(problemAt(severity, [name, key], message));
    }
  }
  return { queries, problems };
}

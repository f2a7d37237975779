import { defineTable, text } from '../../bridge/table.ts';

/** Names of /proc/PID/limits and osquery's, in its order. */
const LIMITS: readonly (readonly [type: string, name: string])[] = [
  ['as', 'Max address space'],
  ['core', 'Max core file size'],
  ['cpu', 'Max cpu time'],
  ['data', 'Max data size'],
  ['fsize', 'Max file size'],
  ['locks', 'Max file locks'],
  ['memlock', 'Max locked memory'],
  ['msgqueue', 'Max msgqueue size'],
  ['nice', 'Max nice priority'],
  ['nofile', 'Max open files'],
  ['nproc', 'Max processes'],
  ['rss', 'Max resident set'],
  ['rtprio', 'Max realtime priority'],
  ['sigpending', 'Max pending signals'],
  ['stack', 'Max stack size'],
];

export const ulimitInfo = defineTable({
  name: 'ulimit_info',
  description: "Limits of weir's own process, from /proc/self/limits",
  rows: 15,
  columns: {
    type: text('Resource, as in getrlimit: nofile, nproc, core'),
    soft_limit: text('Limit in force; unlimited for none'),
    hard_limit: text('What it can be raised to'),
  },
  examples: ["SELECT soft_limit FROM ulimit_info WHERE type = 'nofile'"],
  *generate({ host }) {
    const lines = host.lines('/proc/self/limits');
    for (const [type, name] of LIMITS) {
      const line = lines.find((each) => each.startsWith(`${name} `));
      const [soft_limit, hard_limit] = line?.slice(name.length).trim().split(/\s+/) ?? [];
      if (hard_limit !== undefined) yield { type, soft_limit, hard_limit };
    }
  },
});

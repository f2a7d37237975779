import type { Config } from '../../config/schema.ts';
import type { EventTableSpec } from '../../tables/spec.ts';
import type { RowSource } from '../row-source.ts';
import { type Finding, finding } from './finding.ts';
import { rowsOf } from './rows.ts';

/** What the configuration leaves out of a table. */
export function configured({ name, class: className }: EventTableSpec, config: Config): Finding[] {
  const found: Finding[] = [];
  const say = (text: string): void => void found.push(finding(name, 'info', text));
  const { only, read_paths: reads } = config.collect;
  if (only.cgroups.length + only.executables.length > 0) {
    say(`"collect.only" limits all events to ${[...only.cgroups, ...only.executables].join(', ')}`);
  }
  // Its feeds have switches of their own.
  const excludable = className === 'host' ? [] : config.exclude;
  excludable.forEach((rule, index) => {
    const tables: readonly string[] | undefined = rule.tables;
    if (tables !== undefined && !tables.includes(name)) return;
    if (rule.path !== undefined && className !== 'file') return;
    if (rule.port !== undefined && className !== 'socket') return;
    const { reason, ...conditions } = rule;
    const why = reason === undefined ? '' : ` (${reason})`;
    say(`exclude[${index}] leaves out ${JSON.stringify(conditions)}${why}`);
  });
  if (className === 'socket' && !config.collect.unix_sockets) {
    say('"collect.unix_sockets" is false: only IP sockets are seen');
  }
  if (className === 'file') {
    const places = [...reads, ...config.file_accesses];
    say(
      places.length > 0
        ? `opens for reading are seen only in ${places.join(', ')}`
        : 'opens for reading are not seen: "collect.read_paths" names none',
    );
  }
  return found;
}

const WAYS: readonly (readonly [column: string, text: string, level: 'info' | 'warning'])[] = [
  ['excluded_kernel', 'excluded by configuration, in the kernel', 'info'],
  ['excluded_stream', 'excluded by configuration', 'info'],
  ['coalesced', 'folded into the count of another row', 'info'],
  ['rate_limited', 'dropped by "sensor.rate_limit", or by "host_events.rate_limit"', 'warning'],
  ['lost_ring', 'lost: the ring buffer was full', 'warning'],
  ['lost_map', 'lost: a kernel map was full', 'warning'],
  ['lost_decode', 'lost: the record made no sense', 'warning'],
  ['lost_queue', 'lost: the daemon did not keep up', 'warning'],
  ['lost_store', 'lost: the store could not keep them', 'warning'],
  ['expired', 'taken away by retention ("store.max_age", "store.max_bytes")', 'info'],
];

/**
 * Where the events of the table's class went since counting began. Rejects with WeirError SQL_*.
 *
 * @param empty whether the table has no rows
 */
export async function countedAway(
  { name, class: className, only }: EventTableSpec,
  source: RowSource,
  empty: boolean,
): Promise<Finding[]> {
  const [loss] = await rowsOf(source, `SELECT * FROM weir_loss WHERE class = '${className}'`);
  if (loss === undefined) return [];
  const number = (column: string): number => Number(loss[column] ?? 0);
  const [seen, stored] = [number('seen'), number('stored')];
  const found = [
    finding(
      name,
      'info',
      seen === 0
        ? `no event of class ${className} was seen since counting began`
        : `class ${className}: ${seen} events seen, ${stored} stored`,
    ),
  ];
  if (empty && stored > 0 && only !== undefined) {
    const text = `none of those was what this table shows: ${only.values.join(', ')}`;
    found.push(finding(name, 'info', text));
  }
  for (const [column, text, level] of WAYS) {
    if (number(column) > 0) found.push(finding(name, level, `${number(column)} ${text}`));
  }
  return found;
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import type { Watch } from './watch.ts';
import type { Row } from './weir-daemon.ts';

export const STORM_CLASSES = ['process', 'lifecycle', 'file', 'socket'] as const;
export type StormClass = (typeof STORM_CLASSES)[number];

/** What test/workloads/storm.c did by its own count, in events of each class. */
export type Storm = Readonly<Record<StormClass | 'seconds', number>>;

/** Two processors' worth of execs, opens and connects inside the cgroup of a watch. */
export async function storm(watch: Watch, seconds: number): Promise<Storm> {
  const folder = join(watch.scratch, 'flooded');
  mkdirSync(folder);
  const program = watch.compile('storm', '-static');
  const { code, stdout } = await watch.run(program, String(seconds), folder);
  if (code !== 0) throw new Error(`storm: exit code ${code}`);
  return JSON.parse(stdout);
}

/** weir_loss by class, once nothing is on its way and the sum holds, or after `patienceMs`. */
export async function lossByClass(watch: Watch, patienceMs: number): Promise<Map<string, Row>> {
  const rows = await eventually(
    () => watch.daemon.query('SELECT * FROM weir_loss'),
    (all) => all.every((row) => Number(row.pending) === 0 && Number(row.balance) === 0),
    patienceMs,
  );
  return new Map(rows.map((row) => [String(row.class), row]));
}

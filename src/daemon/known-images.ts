import { readdirSync } from 'node:fs';
import { native } from '../native/addon.ts';
import type { SensorOptions } from '../native/sensor.ts';
import { openConnection } from '../sql/connection.ts';

// The newest image of each pid in this boot: from its exec, or inherited by its fork. By time, not by
// seq: of one batch, rows of a class get their seqs together, so a fork's may be above its exec's.
const SQL = `
  SELECT pid, process_id, exec_id, max(boottime_ns) FROM (
    SELECT pid, process_id, exec_id, boottime_ns FROM process_seen WHERE boot_id = :boot
    UNION ALL
    SELECT pid, process_id, exec_id, boottime_ns FROM process_lifecycle_events
    WHERE boot_id = :boot AND action = 'fork'
  ) GROUP BY pid`;

type Image = [pid: bigint, processId: bigint | null, execId: bigint | null, time: bigint];

/**
 * Images of the processes that still run, as the store knows them, so that after a restart an
 * image keeps its exec_id and is not seen a second time.
 *
 * @param path events.db, already opened by the writer
 */
export function knownImages(path: string): NonNullable<SensorOptions['knownImages']> {
  const alive = new Set(readdirSync('/proc').filter((name) => /^\d+$/.test(name)));
  const processIds: bigint[] = [];
  const execIds: bigint[] = [];
  const { db } = openConnection(path);
  try {
    const statement = db.prepare<[{ boot: string }], Image>(SQL).raw();
    for (const [pid, processId, execId] of statement.iterate({ boot: native.bootId() })) {
      if (processId === null || execId === null || !alive.has(String(pid))) continue;
      processIds.push(processId);
      execIds.push(execId);
    }
  } finally {
    db.close();
  }
  return {
    processIds: BigInt64Array.from(processIds),
    execIds: BigInt64Array.from(execIds),
  };
}

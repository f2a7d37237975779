import { CLASS_NAMES } from '../sensor/schema.ts';
import { EVENT_TABLES } from '../tables/events/index.ts';

const NOBODY = 2n ** 63n - 1n;

/**
 * By class, the seq up to which every query that reads it has read: what retention takes above was
 * never seen by one of them.
 *
 * @param byTable the least cursor of the queries that read an event table
 */
export function readPositions(byTable: ReadonlyMap<string, bigint>): BigInt64Array {
  const positions = new BigInt64Array(CLASS_NAMES.length).fill(NOBODY);
  for (const table of EVENT_TABLES) {
    const index = CLASS_NAMES.indexOf(table.class);
    const cursor = byTable.get(table.name) ?? NOBODY;
    if (cursor < (positions[index] as bigint)) positions[index] = cursor;
  }
  return positions;
}

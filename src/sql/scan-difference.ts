import type { ScanStats } from '../native/store.ts';

/** What event tables looked at between two readings of a connection's statistics. */
export function scanDifference(after: ScanStats, before: ScanStats): ScanStats {
  return {
    blocks: after.blocks - before.blocks,
    skipped: after.skipped - before.skipped,
    rows: after.rows - before.rows,
  };
}

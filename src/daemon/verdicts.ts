import type { Verdict } from '../detect/response/responder.ts';
import type { EventBatch } from '../sensor/batch.ts';
import { NULL_I64 } from '../sensor/schema.ts';

/** Verdicts of a batch about which the kernel programs were asked to do something. */
export function* verdictsOf(batch: EventBatch): Iterable<Verdict> {
  const text = (column: string, row: number): string | null =>
    batch.text(column, batch.codes(column)[row] ?? 0);
  for (let row = 0; row < batch.rows; row++) {
    const asked = text('asked', row);
    const outcome = text('outcome', row);
    if (asked === null || outcome === null) continue;
    const tree = batch.i64('tree')[row] ?? NULL_I64;
    yield {
      action: text('action', row) ?? '',
      asked: asked as Verdict['asked'],
      outcome: outcome as Verdict['outcome'],
      refusal: text('refusal', row) ?? '',
      pid: batch.u32('pid')[row] ?? 0,
      processId: batch.i64('process_id')[row] ?? 0n,
      path: text('path', row),
      tree: tree === NULL_I64 ? null : Number(tree),
    };
  }
}

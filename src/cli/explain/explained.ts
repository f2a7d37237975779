import type { ShownDetection } from '../detection-source.ts';
import type { RowSource } from '../row-source.ts';
import { type ProcessTree, processTree } from './process-tree.ts';
import { type Timeline, timeline } from './timeline.ts';

/** Before the first and after the last row of the detection. */
const AROUND_SECONDS = 60;

/** A detection with what is known around it. */
export interface Explained extends ShownDetection {
  /** Undefined when its rows name no process. */
  readonly around: Around | undefined;
}

export interface Around {
  readonly tree: ProcessTree;
  readonly timeline: Timeline;
}

interface Place {
  /** process_id, decimal; undefined when rows name no process. */
  readonly process: string | undefined;
  /** Seconds since 1970. */
  readonly first: number;
  readonly last: number;
}

function placeOf({ detection, rows }: ShownDetection): Place {
  const columns = JSON.parse(detection.row) as Readonly<Record<string, unknown>>;
  const id = String(columns.process_id ?? '');
  const times = rows.map(({ row, unixTime }) => {
    const time = Number((JSON.parse(row) as { readonly time?: unknown }).time);
    return Number.isSafeInteger(time) && time > 0 ? time : unixTime;
  });
  return {
    process: /^-?\d{1,20}$/.test(id) && id !== '0' ? id : undefined,
    first: times.reduce((a, b) => Math.min(a, b), detection.firstTime),
    last: times.reduce((a, b) => Math.max(a, b), detection.firstTime),
  };
}

/**
 * Asks the event tables what led to a detection and what happened around it.
 *
 * @param open called only when rows name a process
 * @param mostEvents of the timeline
 */
export async function explained(
  shown: ShownDetection,
  open: () => Promise<RowSource>,
  mostEvents: number,
): Promise<Explained> {
  const { process: id, first, last } = placeOf(shown);
  if (id === undefined) return { ...shown, around: undefined };
  const [from, to] = [first - AROUND_SECONDS, last + AROUND_SECONDS];
  const source = await open();
  try {
    const tree = await processTree(source, id, to);
    const ids = [id, ...tree.descendants.map((each) => each.id)];
    const around = { tree, timeline: await timeline(source, ids, from, to, mostEvents) };
    return { ...shown, around };
  } finally {
    await source.close();
  }
}

import type { Run } from './command.ts';
import { detectionId, openDetections, type ShownDetection } from './detection-source.ts';
import { detectionHeading, whatItWas } from './detection-text.ts';
import { eventLine } from './event-line.ts';
import { fitted, treeLines } from './explain/draw.ts';
import { processTree } from './explain/process-tree.ts';
import { timeline } from './explain/timeline.ts';
import { locate } from './location.ts';
import { openSource } from './open-source.ts';
import type { Screen } from './output/formatter.ts';
import { screenOf } from './output/make-formatter.ts';
import { print } from './print-rows.ts';
import type { RowSource } from './row-source.ts';

/** Before the first and after the last row of the detection. */
const AROUND_SECONDS = 60;
const MOST_ROWS = 1000;

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

async function processText(
  source: RowSource,
  id: string,
  { first, last }: Place,
  screen: Screen,
): Promise<string[]> {
  const [from, to] = [first - AROUND_SECONDS, last + AROUND_SECONDS];
  const tree = await processTree(source, id, to);
  const ids = [id, ...tree.descendants.map((each) => each.id)];
  const { rows, cut } = await timeline(source, ids, from, to);
  return [
    'processes',
    ...treeLines(tree, screen),
    '',
    'what it and what it started did, from a minute before to a minute after',
    ...rows.map((row) => fitted(eventLine(row as Parameters<typeof eventLine>[0]), screen)),
    ...(rows.length === 0 ? ['nothing is stored (any more)'] : []),
    ...(cut ? ['… and more; ask the event tables by process_id'] : []),
  ];
}

/** `weir explain ID`: a detection with the processes that led to it and what they did. */
export const run: Run = async (invocation) => {
  const id = detectionId(invocation.args[0] as string);
  const location = await locate(invocation);
  const detections = await openDetections(invocation, location);
  let shown: ShownDetection;
  try {
    shown = await detections.show(id, MOST_ROWS);
  } finally {
    await detections.close();
  }
  const screen = screenOf(process.stdout);
  const lines = [
    ...detectionHeading(shown.detection).map((line) => fitted(line, screen)),
    fitted(whatItWas(shown.detection.row), screen),
    '',
  ];
  const place = placeOf(shown);
  if (place.process === undefined) {
    lines.push(`its rows name no process; "weir detections show ${id}" has them`);
  } else {
    const source = await openSource(location);
    try {
      lines.push(...(await processText(source, place.process, place, screen)));
    } finally {
      await source.close();
    }
  }
  await print(process.stdout, `${lines.join('\n')}\n`);
  return 0;
};

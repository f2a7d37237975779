import { type Invocation, type Run, text } from './command.ts';
import { detectionId, openDetections, type ShownDetection } from './detection-source.ts';
import { detectionHeading, whatItWas } from './detection-text.ts';
import { eventLine } from './event-line.ts';
import { fitted, treeLines } from './explain/draw.ts';
import { type Around, type Explained, explained } from './explain/explained.ts';
import { type Location, locate } from './location.ts';
import { openSource } from './open-source.ts';
import type { Screen } from './output/formatter.ts';
import { screenOf } from './output/make-formatter.ts';
import { openOutput } from './output/open-output.ts';
import { print } from './output/print.ts';

const MOST_ROWS = 1000;
const MOST_EVENTS = 200;
/** A page can be filtered. */
const MOST_EVENTS_OF_PAGE = 2000;

function aroundText({ tree, timeline }: Around, screen: Screen): string[] {
  const { rows, cut } = timeline;
  return [
    'processes',
    ...treeLines(tree, screen),
    '',
    'what it and what it started did, from a minute before to a minute after',
    ...rows.map((row) => fitted(eventLine(row), screen)),
    ...(rows.length === 0 ? ['nothing is stored (any more)'] : []),
    ...(cut ? ['… and more; ask the event tables by process_id'] : []),
  ];
}

function explainedText({ detection, around }: Explained, screen: Screen): string {
  const lines = [
    ...detectionHeading(detection).map((line) => fitted(line, screen)),
    fitted(whatItWas(detection.row), screen),
    '',
    ...(around === undefined
      ? [`its rows name no process; "weir detections show ${detection.id}" has them`]
      : aroundText(around, screen)),
  ];
  return `${lines.join('\n')}\n`;
}

async function writePage(found: Explained, file: string): Promise<void> {
  const { page } = await import('./explain/page/page.ts');
  const output = await openOutput(file);
  try {
    await output.write(page(found));
    await output.done();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}

async function shownDetection(invocation: Invocation, location: Location): Promise<ShownDetection> {
  const id = detectionId(invocation.args[0] as string);
  const detections = await openDetections(invocation, location);
  try {
    return await detections.show(id, MOST_ROWS);
  } finally {
    await detections.close();
  }
}

/** `weir explain ID`: a detection with the processes that led to it and what they did. */
export const run: Run = async (invocation) => {
  const file = text(invocation, 'html');
  const location = await locate(invocation);
  const shown = await shownDetection(invocation, location);
  const most = file === undefined ? MOST_EVENTS : MOST_EVENTS_OF_PAGE;
  const found = await explained(shown, () => openSource(location), most);
  if (file === undefined) {
    await print(process.stdout, explainedText(found, screenOf(process.stdout)));
  } else {
    await writePage(found, file);
  }
  return 0;
};

import { processWords } from '../draw.ts';
import type { ProcessTree } from '../process-tree.ts';
import { clock, EVENT_KINDS, type EventKind, type PageEvent } from './event.ts';
import { escaped } from './markup.ts';

const TOP = 26; // the clock, pixels
const LANE = 46; // a process
const TICKS = 20;

/** Marks differ in shape too: not everybody tells colours apart. Around (0, 0). */
const SHAPES: Readonly<Record<EventKind, string>> = {
  program: 'M-6 -6L7 0L-6 6Z',
  file: 'M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z',
  socket: 'M-5 -5H5V5H-5Z',
  name: 'M0 -7L7 0L0 7L-7 0Z',
  kernel: 'M-2 -7H2V-2H7V2H2V7H-2V2H-7V-2H-2Z',
};

/** A mark as it is drawn, for the legend too. */
export function shape(kind: EventKind): string {
  return `<path d="${SHAPES[kind]}"/>`;
}

/** Places along the time, in percent: so zooming is a change of width and needs no arithmetic. */
class Scale {
  readonly from: number;
  readonly span: number;

  constructor(times: readonly number[]) {
    const first = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const last = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const margin = Math.max((last - first) * 0.03, 5);
    this.from = first - margin;
    this.span = last - first + 2 * margin;
  }

  at(time: number): string {
    return `${(((time - this.from) / this.span) * 100).toFixed(5)}%`;
  }
}

/** A place at a percentage in which pixels count. */
const placed = (x: string, y: number, inside: string, attributes = ''): string =>
  `<svg x="${x}" y="${y}" overflow="visible"${attributes}>${inside}</svg>`;

function ticks(scale: Scale): string {
  return Array.from({ length: TICKS - 1 }, (_, i) => {
    const time = scale.from + (scale.span * (i + 1)) / TICKS;
    const fine = i % 5 === 4 ? '' : ' class="fine"';
    const x = scale.at(time);
    return `<g${fine}><line class="tick" x1="${x}" x2="${x}" y1="18" y2="100%"/>
<text class="clock" x="${x}" y="13">${clock(time)}</text></g>`;
  }).join('');
}

export interface TimelineDrawing {
  readonly svg: string;
  /** Names of the lanes, drawn over what moves. */
  readonly labels: string;
}

/**
 * Events as marks on a lane for each process that did something, with lines where the detection's
 * rows are.
 *
 * @param rowTimes milliseconds since 1970
 */
export function timelineDrawing(
  tree: ProcessTree,
  events: readonly PageEvent[],
  rowTimes: readonly number[],
): TimelineDrawing {
  const scale = new Scale([...events.map(({ time }) => time), ...rowTimes]);
  const active = new Set(events.map(({ process }) => process));
  const processes = [...tree.line.slice(-1), ...tree.descendants];
  const shown = processes.filter(({ id }) => active.has(id));
  const laneOf = new Map(shown.map(({ id }, i) => [id, i]));
  const height = TOP + shown.length * LANE;
  const lanes = shown.map(
    (_, i) =>
      `<rect class="lane${i % 2}" x="0" y="${TOP + i * LANE}" width="100%" height="${LANE}"/>`,
  );
  const found = rowTimes.map((time) => {
    const x = scale.at(time);
    return `<line class="found" x1="${x}" x2="${x}" y1="18" y2="${height}"/>`;
  });
  const marks = events.map(({ kind, process, time, who, what }, i) => {
    const y = TOP + (laneOf.get(process) ?? 0) * LANE + 31;
    const title = `<title>${escaped(`${clock(time)} ${who}\n${what}`, 600)}</title>`;
    const attributes = ` class="mark ${kind}" data-event="${i}"`;
    return placed(scale.at(time), y, `${title}${shape(kind)}`, attributes);
  });
  const labels = shown.map((process, i) => {
    const { who, said } = processWords(process);
    return `<text x="6" y="${TOP + i * LANE + 14}">${escaped(`${who}: ${said}`, 90)}</text>`;
  });
  return {
    svg: `<svg id="timeline" role="group" aria-label="timeline" width="100%" height="${height}">
${lanes.join('')}${ticks(scale)}${found.join('')}${marks.join('\n')}</svg>`,
    labels: `<svg id="lanes" aria-hidden="true" width="100%" height="${height}">${labels.join('')}</svg>`,
  };
}

/** Boxes that show and hide a kind of events. */
export function legend(events: readonly PageEvent[]): string {
  return EVENT_KINDS.map((kind) => {
    const count = events.filter((event) => event.kind === kind).length;
    const box = `<input type="checkbox" checked data-kind="${kind}"${count === 0 ? ' disabled' : ''}>`;
    const mark = `<svg class="mark ${kind}" width="16" height="16" viewBox="-8 -8 16 16">${shape(kind)}</svg>`;
    return `<label>${box}${mark}${kind} ${count}</label>`;
  }).join('');
}

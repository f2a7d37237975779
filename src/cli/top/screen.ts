import { safeText } from '../output/safe-text.ts';
import { displayWidth, pad, shorten } from '../output/width.ts';
import { type ClassCounts, type HotSource, SPAN } from './look.ts';

/** By key: kind of weir_hot_sources, and its heading. */
export const VIEWS: Readonly<Record<string, readonly [kind: string, heading: string]>> = {
  '1': ['file', 'files'],
  '2': ['initiator', 'initiators'],
  '3': ['syscall', 'system calls'],
  '4': ['remote_address', 'remote addresses'],
  '5': ['container', 'containers'],
};

export const SORTS = ['rows', 'events', 'bytes'] as const;
export type Sort = (typeof SORTS)[number];

/** All that a picture shows. */
export interface Shown {
  readonly rates: ReadonlyMap<string, ClassCounts>;
  /** Stored rows a second by class, oldest first. */
  readonly history: ReadonlyMap<string, readonly number[]>;
  readonly sources: readonly HotSource[];
  readonly view: string; // a key of VIEWS
  readonly sort: Sort;
  readonly paused: boolean;
  readonly where: string;
}

const BARS = '▁▂▃▄▅▆▇█';
const MOST_PLOT = 60;
const NUMBERS = ['seen/s', 'stored/s', 'excluded/s', 'folded/s', 'lost/s'] as const;
const CLASS_WIDTH = 10;
const NUMBER_WIDTH = 11;

/** The last `width` values as bars; the tallest is the largest of them, and 0 is no bar. */
export function sparkline(values: readonly number[], width: number): string {
  const last = values.slice(-width);
  const most = Math.max(...last, Number.MIN_VALUE);
  const bars = last.map((value) => {
    if (value <= 0) return ' ';
    return BARS[Math.min(7, Math.floor((value / most) * 8))] ?? '█';
  });
  return bars.join('').padStart(width);
}

function number(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
}

function size(bytes: number): string {
  if (bytes >= 2 ** 20) return `${(bytes / 2 ** 20).toFixed(1)}M`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(1)}k` : String(bytes);
}

/** Lines of at most `columns` cells, and at most `rows` of them; nothing in them acts on a terminal. */
export function picture(shown: Shown, columns: number, rows: number): string[] {
  const state = shown.paused ? '  paused' : '';
  const lines = [
    `weir top  ${shown.where}${state}`,
    '',
    ...classLines(shown, columns),
    '',
    ...sourceLines(shown, columns),
    '',
    `1 files  2 initiators  3 system calls  4 addresses  5 containers  s sort (${shown.sort})  p pause  q quit`,
  ];
  const most = Math.max(1, rows);
  // The keys stay, whatever else has no room.
  const fitting = lines.length <= most ? lines : [...lines.slice(0, most - 1), lines.at(-1) ?? ''];
  return fitting.slice(0, most).map((line) => shorten(safeText(line), Math.max(1, columns)));
}

function classLines({ rates, history }: Shown, columns: number): string[] {
  const left = columns - CLASS_WIDTH - NUMBERS.length * NUMBER_WIDTH - 2;
  const plot = Math.max(0, Math.min(MOST_PLOT, left));
  const heading = NUMBERS.map((name) => name.padStart(NUMBER_WIDTH)).join('');
  return [
    `${pad('class', CLASS_WIDTH)}${heading}${plot > 8 ? '  stored' : ''}`,
    ...[...rates].map(([name, { seen, stored, excluded, coalesced, lost }]) => {
      const values = [seen, stored, excluded, coalesced, lost];
      const numbers = values.map((value) => number(value).padStart(NUMBER_WIDTH)).join('');
      const bars = plot > 8 ? `  ${sparkline(history.get(name) ?? [], plot)}` : '';
      return `${pad(name, CLASS_WIDTH)}${numbers}${bars}`;
    }),
  ];
}

function sourceLines({ sources, view, sort }: Shown, columns: number): string[] {
  const [kind, heading] = VIEWS[view] ?? ['file', 'files'];
  const own = sources.filter((source) => source.kind === kind);
  const sorted = own.toSorted((a, b) => b[sort] - a[sort] || (a.name < b.name ? -1 : 1));
  const lines = sorted.map(({ name, classes, rows, events, bytes, percent, label }) => {
    const numbers = [number(rows / SPAN), number(events / SPAN), size(bytes / SPAN)]
      .map((text) => text.padStart(NUMBER_WIDTH))
      .join('');
    const share = `${percent.toFixed(1)} %`.padStart(9);
    const called = label === null ? name : `${label}: ${name}`;
    const from = ` (${classes})`;
    const room = columns - displayWidth(numbers) - displayWidth(share) - 2 - displayWidth(from);
    return `${numbers}${share}  ${room > 8 ? shorten(safeText(called), room) + from : safeText(called)}`;
  });
  const titles = ['rows/s', 'events/s', 'bytes/s'].map((text) => text.padStart(NUMBER_WIDTH));
  return [
    `${titles.join('')}${'of rows'.padStart(9)}  ${heading} of the last ${SPAN} s`,
    ...(lines.length === 0 ? [`${' '.repeat(NUMBER_WIDTH * 3 + 11)}none`] : lines),
  ];
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MatchingRow } from '../../../results/detection-group.ts';
import { detectionHeading, localTime, whatItWas } from '../../detection-text.ts';
import type { Around, Explained } from '../explained.ts';
import { clock, type PageEvent, timeOf, toPageEvent } from './event.ts';
import { escaped } from './markup.ts';
import { legend, timelineDrawing } from './timeline-drawing.ts';
import { treeDrawing } from './tree-drawing.ts';

/** Newest first: the page of a detection that came a thousand times is still a page. */
const MOST_ROWS = 20;

const part = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const hash = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Times of the detection's rows, milliseconds since 1970. */
function rowTimes(rows: readonly MatchingRow[]): number[] {
  return rows.map(({ row, unixTime }) => {
    const columns = JSON.parse(row) as Readonly<Record<string, unknown>>;
    return timeOf(columns) ?? unixTime * 1000;
  });
}

function eventTable(events: readonly PageEvent[]): string {
  const rows = events.map(
    ({ kind, process, time, who, what }, i) =>
      `<tr data-event="${i}" data-kind="${kind}" data-process="${escaped(process)}"><td>${clock(time)}</td>\
<td>${escaped(who)}</td><td>${escaped(what)}</td></tr>`,
  );
  return `<table id="events"><thead><tr><th>time</th><th>process</th><th>what</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function timelinePart({ tree, timeline }: Around, rows: readonly MatchingRow[]): string {
  const events = timeline.rows.map(toPageEvent);
  if (events.length === 0) return '<p>Nothing is stored (any more).</p>';
  const { svg, labels } = timelineDrawing(tree, events, rowTimes(rows));
  const cut = timeline.cut
    ? `<p>Only the first ${events.length} events are here; ask the event tables by process_id for more.</p>`
    : '';
  return `<div class="controls"><input id="filter" type="search" placeholder="filter events" \
aria-label="filter events">${legend(events)}<span class="zoom"><button type="button" id="out" \
aria-label="zoom out">−</button><button type="button" id="in" aria-label="zoom in">+</button>\
<button type="button" id="all">all</button></span></div>
<div class="time"><div class="scroll" id="moving">${svg}</div>${labels}</div>
<output id="detail"></output><p><span id="shown">${events.length}</span> of ${events.length} events. \
Red lines are the rows that the rule found.</p>${cut}${eventTable(events)}`;
}

function aroundPart(around: Around | undefined, rows: readonly MatchingRow[]): string {
  if (around === undefined) return '<p>Its rows name no process.</p>';
  const more = around.tree.cut ? '<p>… and more processes</p>' : '';
  return `<h2>Processes</h2><div class="scroll">${treeDrawing(around.tree)}</div>${more}
<h2>What it and what it started did</h2>
<p>From a minute before to a minute after.</p>${timelinePart(around, rows)}`;
}

function rowPart({ id, unixTime, row }: MatchingRow): string {
  const columns = Object.entries(JSON.parse(row) as Readonly<Record<string, unknown>>);
  const filled = columns.filter(([, value]) => value !== '' && value !== null);
  const cells = filled.map(
    ([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(String(value))}</td></tr>`,
  );
  return `<details><summary>${localTime(unixTime)} ${escaped(id)}</summary>
<table>${cells.join('')}</table></details>`;
}

/**
 * One page that needs nothing else: drawings are made here, and the script only hides and widens.
 * Its policy allows exactly the script and the style that it carries, and no request at all.
 */
export function page({ detection, rows, around }: Explained): string {
  const [style, script] = [part('page.css'), part('page-script.js')];
  const policy = [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const [title = '', ...heading] = detectionHeading(detection);
  const newest = rows.toReversed().slice(0, MOST_ROWS);
  const count = newest.length < detection.count ? `newest ${newest.length} ` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title><style>${style}</style></head>
<body><h1 class="${escaped(detection.severity)}">${escaped(title)}</h1>
${heading.map((line) => `<p>${escaped(line)}</p>`).join('\n')}
<pre>${escaped(whatItWas(detection.row))}</pre>
${aroundPart(around, rows)}
<h2>The ${count}matching rows</h2>${newest.map(rowPart).join('\n')}
<script>${script}</script></body></html>
`;
}

import type { WriteStream } from 'node:tty';
import { CsvFormatter } from './csv.ts';
import { type Formatter, type Mode, PLAIN_STYLE, type Screen, type Style } from './formatter.ts';
import { JsonFormatter, JsonPrettyFormatter } from './json.ts';
import { LineFormatter } from './line.ts';
import { ListFormatter } from './list.ts';
import { MarkdownFormatter } from './markdown.ts';
import { ColumnFormatter, TableFormatter } from './table.ts';
import { terminalWidth } from './width.ts';

const MAKE: Readonly<Record<Mode, new (screen: Screen, style: Style) => Formatter>> = {
  table: TableFormatter,
  json: JsonFormatter,
  'json-pretty': JsonPrettyFormatter,
  csv: CsvFormatter,
  line: LineFormatter,
  list: ListFormatter,
  column: ColumnFormatter,
  markdown: MarkdownFormatter,
};

/** A formatter for one result, fitting where it will be shown. */
export function makeFormatter(mode: Mode, screen: Screen, style = PLAIN_STYLE): Formatter {
  return new MAKE[mode](screen, style);
}

/** What a file or a pipe can show. */
export const NO_SCREEN: Screen = { terminal: false, width: 0, colour: false };

/** What a stream can show. NO_COLOR and TERM=dumb mean no colours. */
export function screenOf(stream: NodeJS.WriteStream | WriteStream): Screen {
  if (stream.isTTY !== true) return NO_SCREEN;
  return { terminal: true, width: terminalWidth(stream), colour: stream.hasColors() };
}

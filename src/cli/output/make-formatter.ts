import type { WriteStream } from 'node:tty';
import { CsvFormatter } from './csv.ts';
import type { Formatter, Mode, Screen } from './formatter.ts';
import { JsonFormatter } from './json.ts';
import { LineFormatter } from './line.ts';
import { TableFormatter } from './table.ts';

const MAKE: Readonly<Record<Mode, new (screen: Screen) => Formatter>> = {
  table: TableFormatter,
  json: JsonFormatter,
  csv: CsvFormatter,
  line: LineFormatter,
};

/** A formatter for one result, fitting where it will be shown. */
export function makeFormatter(mode: Mode, screen: Screen): Formatter {
  return new MAKE[mode](screen);
}

/** What a stream can show. */
export function screenOf(stream: NodeJS.WriteStream | WriteStream): Screen {
  const terminal = stream.isTTY === true;
  return { terminal, width: terminal ? (stream.columns ?? 80) : 0 };
}

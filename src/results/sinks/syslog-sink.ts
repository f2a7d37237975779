import { SYSLOG_FACILITIES, type SyslogFacility } from '../../config/schema/names.ts';
import type { LogLine } from '../log-line.ts';
import { Datagram } from './datagram.ts';
import { priorityOf } from './priority.ts';
import type { Sink } from './sink.ts';

export interface SyslogOptions {
  readonly socket: string;
  readonly facility: SyslogFacility;
  readonly tag: string;
  /** Say that JSON follows, for receivers that parse it (`@cee:`). */
  readonly cee: boolean;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const encoder = new TextEncoder();
/** What fits is kept when a line is too large for a datagram; every receiver takes this much. */
const CUT_BYTES = 60_000;

/** Lines to the local syslog, in the form that syslog(3) sends. */
export class SyslogSink implements Sink {
  readonly name = 'syslog';
  readonly #options: SyslogOptions;
  readonly #socket: Datagram;

  constructor(options: SyslogOptions) {
    this.#options = options;
    this.#socket = new Datagram(options.socket);
  }

  async deliver(lines: readonly LogLine[], signal: AbortSignal): Promise<void> {
    for (const line of lines) {
      const message = encoder.encode(this.#message(line));
      if (await this.#socket.send(message, signal)) continue;
      // A line that no datagram holds would hold up all that follow.
      await this.#socket.send(message.subarray(0, CUT_BYTES), signal);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
  }

  #message(line: LogLine): string {
    const { facility, tag, cee } = this.#options;
    const priority = SYSLOG_FACILITIES[facility] * 8 + priorityOf(line);
    const cookie = cee ? '@cee:' : '';
    return `<${priority}>${localTime(new Date())} ${tag}[${process.pid}]: ${cookie}${line.text}`;
  }
}

/** `Nov  2 04:05:06` in local time, as RFC 3164 has it. */
function localTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clock}`;
}

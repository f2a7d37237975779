import type { LogLine } from '../log-line.ts';
import { Datagram } from './datagram.ts';
import { priorityOf } from './priority.ts';
import type { Sink } from './sink.ts';

export interface JournaldOptions {
  readonly socket: string;
  readonly identifier: string;
}

const encoder = new TextEncoder();

/**
 * Lines to journald by its native protocol: the line as MESSAGE, and WEIR_QUERY, WEIR_LINE_ID,
 * WEIR_KIND, WEIR_SEVERITY beside it, which journalctl can match.
 */
export class JournaldSink implements Sink {
  readonly name = 'journald';
  readonly #options: JournaldOptions;
  readonly #socket: Datagram;

  constructor(options: JournaldOptions) {
    this.#options = options;
    this.#socket = new Datagram(options.socket);
  }

  async deliver(lines: readonly LogLine[], signal: AbortSignal): Promise<void> {
    for (const line of lines) {
      const entry = this.#entry(line);
      if (!(await this.#socket.send(entry, signal))) await this.#socket.sendInFile(entry, signal);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
  }

  #entry(line: LogLine): Uint8Array {
    const fields: [name: string, value: string][] = [
      ['MESSAGE', line.text],
      ['PRIORITY', String(priorityOf(line))],
      ['SYSLOG_IDENTIFIER', this.#options.identifier],
      ['WEIR_KIND', line.kind],
      ['WEIR_QUERY', line.query],
      ['WEIR_LINE_ID', line.id],
    ];
    if (line.severity !== null) fields.push(['WEIR_SEVERITY', line.severity]);
    return Buffer.concat(fields.map(([name, value]) => field(name, value)));
  }
}

/** `NAME=value`, or with the length before it when the value has line ends. */
function field(name: string, value: string): Uint8Array {
  if (!value.includes('\n')) return encoder.encode(`${name}=${value}\n`);
  const content = encoder.encode(value);
  const head = encoder.encode(`${name}\n`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  return Buffer.concat([head, length, content, encoder.encode('\n')]);
}

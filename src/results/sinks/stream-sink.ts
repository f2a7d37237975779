import type { Writable } from 'node:stream';
import type { LogLine } from '../log-line.ts';
import type { Sink } from './sink.ts';

/** Result lines to a stream, such as standard output; snapshots among them, as osquery does. */
export class StreamSink implements Sink {
  readonly name: string;
  readonly #stream: Writable;

  constructor(name: string, stream: Writable) {
    this.name = name;
    this.#stream = stream;
    // A reader that went away is reported by the write that fails, not by an uncaught event.
    stream.on('error', () => {});
  }

  deliver(lines: readonly LogLine[]): Promise<void> {
    const text = lines.map((line) => `${line.text}\n`).join('');
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (error) => (error == null ? resolve() : reject(error)));
    });
  }

  /** The stream belongs to whoever gave it. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

import { join } from 'node:path';
import type { LogLine } from '../log-line.ts';
import { LogFile, type Rotation } from './log-file.ts';
import type { Sink } from './sink.ts';

const FILES = { result: 'weir.results.log', snapshot: 'weir.snapshots.log' } as const;

const NEVER: Rotation = { maxBytes: 0, keep: 0, compress: false };

/** osquery's filesystem logger: result and snapshot lines in two files of one folder. */
export class FileSink implements Sink {
  readonly name = 'filesystem';
  readonly #files: Readonly<Record<LogLine['kind'], LogFile>>;

  constructor(folder: string, rotation: Rotation = NEVER) {
    this.#files = {
      result: new LogFile(join(folder, FILES.result), rotation),
      snapshot: new LogFile(join(folder, FILES.snapshot), rotation),
    };
  }

  async deliver(lines: readonly LogLine[]): Promise<void> {
    for (const kind of ['result', 'snapshot'] as const) {
      const own = lines.filter((line) => line.kind === kind);
      if (own.length > 0) await this.#files[kind].append(own.map((line) => line.text));
    }
  }

  async reopen(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await this.#files.result.close();
    await this.#files.snapshot.close();
  }
}

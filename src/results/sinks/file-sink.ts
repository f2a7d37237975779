import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LogLine } from '../log-line.ts';
import type { Sink } from './sink.ts';

const FILES = { result: 'weir.results.log', snapshot: 'weir.snapshots.log' } as const;

const MODE = 0o640;

/** osquery's filesystem logger: result and snapshot lines in two files of one folder. */
export class FileSink implements Sink {
  readonly name = 'filesystem';
  readonly #files: Readonly<Record<LogLine['kind'], LineFile>>;

  constructor(folder: string) {
    this.#files = {
      result: new LineFile(join(folder, FILES.result)),
      snapshot: new LineFile(join(folder, FILES.snapshot)),
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

/** A file that gets whole lines or none. Notices when it was moved away or removed. */
class LineFile {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async append(lines: readonly string[]): Promise<void> {
    const handle = await this.#current();
    const { size } = await handle.stat();
    try {
      await handle.appendFile(`${lines.join('\n')}\n`);
      await handle.datasync();
    } catch (error) {
      // A full disk may have taken half a line, which the next try would garble.
      await handle.truncate(size).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #current(): Promise<FileHandle> {
    if (this.#handle !== undefined && (await this.#moved(this.#handle))) await this.close();
    this.#handle ??= await this.#open();
    return this.#handle;
  }

  async #moved(handle: FileHandle): Promise<boolean> {
    const [own, named] = await Promise.all([handle.stat(), stat(this.#path).catch(() => null)]);
    return named === null || own.ino !== named.ino || own.dev !== named.dev;
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o750 });
    const handle = await open(this.#path, 'a', MODE);
    // The daemon's umask is stricter, but those who ship logs may be in the file's group.
    if ((await handle.stat()).size === 0) await handle.chmod(MODE);
    return handle;
  }
}

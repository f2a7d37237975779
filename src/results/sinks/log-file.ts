import { createReadStream, createWriteStream, fstatSync, type Stats, statSync } from 'node:fs';
import { chmod, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { makeFolder } from '../../config/make-folder.ts';

// The daemon's umask is stricter, but those who ship logs may be in the group.
const MODE = 0o640;
const FOLDER_MODE = 0o750;

/** When a log file gives way to a new one. */
export interface Rotation {
  readonly maxBytes: number; // 0: never
  readonly keep: number; // older files
  readonly compress: boolean; // older files, with zstd
}

/**
 * A file that gets whole lines or none. Notices when it was moved away or removed; rotates by itself
 * when it would grow too large: `name` becomes `name.1` or `name.1.zst`, `name.1` becomes `name.2`.
 */
export class LogFile {
  readonly #path: string;
  readonly #rotation: Rotation;
  #handle: FileHandle | undefined;

  constructor(path: string, rotation: Rotation) {
    this.#path = path;
    this.#rotation = rotation;
  }

  async append(lines: readonly string[]): Promise<void> {
    const content = Buffer.from(`${lines.join('\n')}\n`);
    const { maxBytes } = this.#rotation;
    let handle = await this.#current();
    let { size } = fstatSync(handle.fd);
    if (maxBytes > 0 && size > 0 && size + content.length > maxBytes) {
      await this.#rotate();
      handle = await this.#current();
      ({ size } = fstatSync(handle.fd));
    }
    try {
      await handle.appendFile(content);
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

  async #rotate(): Promise<void> {
    const { keep, compress } = this.#rotation;
    await this.close();
    if (keep === 0) {
      await rm(this.#path, { force: true });
      return;
    }
    for (let n = keep; n >= 1; n--) {
      for (const ending of ['', '.zst']) {
        const older = `${this.#path}.${n}${ending}`;
        if (n === keep) await rm(older, { force: true });
        else await rename(older, `${this.#path}.${n + 1}${ending}`).catch(ignoreMissing);
      }
    }
    const first = `${this.#path}.1`;
    await rename(this.#path, first);
    if (compress) await compressFile(first);
  }

  async #current(): Promise<FileHandle> {
    if (this.#handle !== undefined && this.#moved(this.#handle)) await this.close();
    this.#handle ??= await this.#open();
    return this.#handle;
  }

  /** Of a file that is open the kernel has the answer in memory: another thread would cost more. */
  #moved(handle: FileHandle): boolean {
    const own = fstatSync(handle.fd);
    let named: Stats | undefined;
    try {
      named = statSync(this.#path, { throwIfNoEntry: false });
    } catch {
      return true; // opening it says why
    }
    return named === undefined || own.ino !== named.ino || own.dev !== named.dev;
  }

  async #open(): Promise<FileHandle> {
    const folder = dirname(this.#path);
    if (makeFolder(folder, FOLDER_MODE)) await chmod(folder, FOLDER_MODE);
    const handle = await open(this.#path, 'a', MODE);
    if ((await handle.stat()).size === 0) await handle.chmod(MODE);
    return handle;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Replaces a file by its compressed form; on failure (a full disk) the file stays as it is. */
async function compressFile(path: string): Promise<void> {
  const made = `${path}.zst`;
  const unfinished = `${made}.tmp`;
  try {
    await pipeline(
      createReadStream(path),
      createZstdCompress(),
      createWriteStream(unfinished, { mode: MODE, flush: true }),
    );
    await chmod(unfinished, MODE);
    await rename(unfinished, made);
    await rm(path);
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

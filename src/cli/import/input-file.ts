import { type FileHandle, open } from 'node:fs/promises';
import { WeirError } from '../../config/errors.ts';

const CHUNK_BYTES = 1 << 20;

/** A file that is imported, or standard input for `-`, a chunk at a time into the same memory. */
export class InputFile {
  /** For people. */
  readonly name: string;
  readonly #path: string;
  #file: FileHandle | null = null;
  #input: AsyncIterator<Uint8Array> | null = null;
  #buffer: Uint8Array | null = null;

  constructor(path: string) {
    this.#path = path;
    this.name = path === '-' ? 'standard input' : path;
  }

  /** The next bytes, valid until the next call; null at the end. Rejects with WeirError IMPORT_FILE. */
  async read(): Promise<Uint8Array | null> {
    try {
      return await (this.#path === '-' ? this.#readInput() : this.#readFile());
    } catch (cause) {
      const why = (cause as Error).message;
      throw new WeirError('IMPORT_FILE', `cannot read ${this.name}: ${why}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  async #readInput(): Promise<Uint8Array | null> {
    this.#input ??= process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const { value, done } = await this.#input.next();
    return done === true ? null : value;
  }

  async #readFile(): Promise<Uint8Array | null> {
    this.#file ??= await open(this.#path);
    this.#buffer ??= new Uint8Array(CHUNK_BYTES);
    const { bytesRead } = await this.#file.read(this.#buffer);
    return bytesRead === 0 ? null : this.#buffer.subarray(0, bytesRead);
  }
}

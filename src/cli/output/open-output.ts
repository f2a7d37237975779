import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { WeirError } from '../../config/errors.ts';
import { print } from './print.ts';

const BUFFER_BYTES = 256 << 10;
const encoder = new TextEncoder();

/** Where rows go, whole or not at all. */
export interface Output {
  write(data: string | Uint8Array): Promise<void>;
  /** All was written: the file appears under its name. */
  done(): Promise<void>;
  /** Something failed: nothing is left behind. */
  abandon(): Promise<void>;
}

class StandardOutput implements Output {
  async write(data: string | Uint8Array): Promise<void> {
    await print(process.stdout, data);
  }

  async done(): Promise<void> {}
  async abandon(): Promise<void> {}
}

export const STANDARD_OUTPUT: Output = new StandardOutput();

class FileOutput implements Output {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #file: FileHandle;
  readonly #written: string;
  readonly #name: string;

  constructor(file: FileHandle, written: string, name: string) {
    this.#file = file;
    this.#written = written;
    this.#name = name;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (typeof data !== 'string') return await this.#writeBytes(data);
    // Always the same memory: freed buffers would pile up until the next collection.
    for (let rest = data; rest !== ''; ) {
      const { read, written } = encoder.encodeInto(rest, this.#buffer);
      await this.#writeBytes(this.#buffer.subarray(0, written));
      rest = rest.slice(read);
    }
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await this.#file.write(bytes, at)).bytesWritten;
    }
  }

  async done(): Promise<void> {
    const whole = this.#written !== this.#name;
    if (whole) await this.#file.sync();
    await this.#file.close();
    if (whole) await rename(this.#written, this.#name);
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    if (this.#written !== this.#name) await rm(this.#written, { force: true });
  }
}

/**
 * A file, for its owner alone, that replaces an older one when it is complete; standard output
 * without a name. A pipe or device is written to as it is.
 *
 * Rejects with WeirError OUTPUT_UNWRITABLE.
 */
export async function openOutput(name: string | undefined): Promise<Output> {
  if (name === undefined || name === '-') return STANDARD_OUTPUT;
  try {
    const present = await stat(name).catch(() => null);
    if (present !== null && !present.isFile()) {
      return new FileOutput(await open(name, 'w'), name, name);
    }
    const partial = `${name}.${process.pid}.partial`;
    return new FileOutput(await open(partial, 'wx', 0o600), partial, name);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new WeirError('OUTPUT_UNWRITABLE', `cannot write ${name}: ${why}`, { cause });
  }
}

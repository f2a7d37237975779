/**
 * A package's header as rpm stores it (docs/manual/format.md of rpm): numbers of entries and of
 * data bytes, the entries, the data; all big-endian. Only the entries that are asked for are read.
 */

const TYPE = { int8: 2, int16: 3, int32: 4, int64: 5, string: 6, array: 8, i18n: 9 } as const;
const ENTRY = 16;

/** Numbers of rpmtag.h. */
export const TAG = {
  sha1: 269,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  installTime: 1008,
  size: 1009,
  vendor: 1011,
  group: 1016,
  arch: 1022,
  fileSizes: 1028,
  fileModes: 1030,
  fileDigests: 1035,
  fileUsers: 1039,
  fileGroups: 1040,
  sourceRpm: 1044,
  dirIndexes: 1116,
  basenames: 1117,
  dirnames: 1118,
  longFileSizes: 5008,
  longSize: 5009,
  fileDigestAlgorithm: 5011,
} as const;

export class RpmHeader {
  readonly #bytes: Buffer;
  readonly #entries: number;
  readonly #data: number;

  /** @throws Error when it is none */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const entries = bytes.length < 8 ? -1 : this.#bytes.readUInt32BE(0);
    this.#data = 8 + entries * ENTRY;
    if (entries < 0 || this.#data + this.#bytes.readUInt32BE(4) > bytes.length)
      throw new Error('a package header is cut off');
    this.#entries = entries;
  }

  /** Text of a tag; of several, the first. */
  text(tag: number): string | undefined {
    const [first] = this.texts(tag);
    return first === undefined ? undefined : Buffer.from(first, 'latin1').toString();
  }

  /** Texts of a tag, each in Latin-1: a character per byte. */
  texts(tag: number): string[] {
    const entry = this.#find(tag);
    if (entry === undefined) return [];
    if (entry.type !== TYPE.string && entry.type !== TYPE.array && entry.type !== TYPE.i18n)
      return [];
    const texts: string[] = [];
    let from = entry.from;
    while (texts.length < entry.count) {
      const end = this.#bytes.indexOf(0, from);
      if (end < 0) break;
      texts.push(this.#bytes.toString('latin1', from, end));
      from = end + 1;
    }
    return texts;
  }

  number(tag: number): number | undefined {
    return this.numbers(tag)[0];
  }

  /** Numbers of a tag; rpm's are unsigned. */
  numbers(tag: number): number[] {
    const entry = this.#find(tag);
    const width = entry === undefined ? undefined : WIDTHS.get(entry.type);
    if (entry === undefined || width === undefined) return [];
    const fit = Math.floor((this.#bytes.length - entry.from) / width);
    return Array.from({ length: Math.min(entry.count, fit) }, (_, i) => {
      const at = entry.from + i * width;
      return width === 8
        ? Number(this.#bytes.readBigUInt64BE(at))
        : this.#bytes.readUIntBE(at, width);
    });
  }

  #find(tag: number): { type: number; from: number; count: number } | undefined {
    for (let i = 0; i < this.#entries; i++) {
      const at = 8 + i * ENTRY;
      if (this.#bytes.readUInt32BE(at) !== tag) continue;
      const from = this.#data + this.#bytes.readUInt32BE(at + 8);
      if (from >= this.#bytes.length) return undefined;
      const type = this.#bytes.readUInt32BE(at + 4);
      return { type, from, count: this.#bytes.readUInt32BE(at + 12) };
    }
    return undefined;
  }
}

const WIDTHS = new Map<number, number>([
  [TYPE.int8, 1],
  [TYPE.int16, 2],
  [TYPE.int32, 4],
  [TYPE.int64, 8],
]);

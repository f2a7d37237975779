/** The firmware's description of the hardware: SMBIOS, DSP0134 of the DMTF. */
import type { TableContext } from '../../bridge/context.ts';

const FILE = '/sys/firmware/dmi/tables/DMI';
const HEADER = 4;

/** One structure: its formatted part, and the strings after it. */
export class SmbiosStructure {
  readonly number: number;
  /** All of it, with the strings and the zero bytes at the end. */
  readonly bytes: Buffer;

  constructor(number: number, bytes: Buffer) {
    this.number = number;
    this.bytes = bytes;
  }

  get type(): number {
    return this.bytes[0] as number;
  }

  /** Bytes of the formatted part. */
  get headerSize(): number {
    return this.bytes[1] as number;
  }

  get handle(): number {
    return this.bytes.readUInt16LE(2);
  }

  /** A number of 1, 2, 4 or 8 bytes; undefined where an older firmware has none. */
  number8(offset: number): number | undefined {
    return offset < this.headerSize ? this.bytes[offset] : undefined;
  }

  number16(offset: number): number | undefined {
    return offset + 2 <= this.headerSize ? this.bytes.readUInt16LE(offset) : undefined;
  }

  number32(offset: number): number | undefined {
    return offset + 4 <= this.headerSize ? this.bytes.readUInt32LE(offset) : undefined;
  }

  number64(offset: number): bigint | undefined {
    return offset + 8 <= this.headerSize ? this.bytes.readBigUInt64LE(offset) : undefined;
  }

  /** A 16-bit number as osquery shows handles. */
  handleAt(offset: number): string {
    const handle = this.number16(offset);
    return handle === undefined ? '' : hex(handle, 4);
  }

  /** The string whose number is at the offset; '' for none. */
  text(offset: number): string {
    return this.string(this.number8(offset) ?? 0);
  }

  /** @param index from 1 */
  string(index: number): string {
    if (index === 0) return '';
    const strings = this.bytes.subarray(this.headerSize).toString('latin1').split('\0');
    return (strings[index - 1] ?? '').trim();
  }
}

export function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** Structures until the data ends or makes no sense. */
export function smbiosStructures(data: Buffer): SmbiosStructure[] {
  const structures: SmbiosStructure[] = [];
  for (let at = 0; at + HEADER <= data.length; ) {
    const formatted = data[at + 1] as number;
    if (formatted < HEADER || at + formatted > data.length) break;
    const end = data.indexOf('\0\0', at + formatted, 'latin1');
    const next = end < 0 ? data.length : end + 2;
    structures.push(new SmbiosStructure(structures.length, data.subarray(at, next)));
    at = next;
  }
  return structures;
}

/** Of the firmware of this machine, or of one type; none where it has no SMBIOS. */
export function smbios(
  context: Pick<TableContext, 'host' | 'once'>,
  type?: number,
): readonly SmbiosStructure[] {
  const all = context.once('smbios', () =>
    smbiosStructures(context.host.bytes(FILE) ?? Buffer.alloc(0)),
  );
  return type === undefined ? all : all.filter((each) => each.type === type);
}

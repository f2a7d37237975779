/** One file out of a ZIP archive (a jar) that somebody else made. */
import { inflateRawSync } from 'node:zlib';
import type { Host, HostPath } from './host.ts';

const END = 0x06054b50; // at the end of the archive: where its directory is
const END_SIZE = 22;
const MOST_COMMENT = 65_535;
const ENTRY = 0x02014b50;
const ENTRY_SIZE = 46;
const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
/** A jar may have tens of thousands of entries. */
const MOST_DIRECTORY = 16 << 20;

/**
 * @param most bytes of the file, unpacked
 * @returns undefined when there is no such archive or file, or it is larger
 */
export function zipEntry(
  host: Host,
  archive: HostPath,
  name: string,
  most: number,
): Buffer | undefined {
  const size = Number(host.stat(archive)?.size ?? 0n);
  if (size < END_SIZE) return undefined;
  const tail = Math.min(size, END_SIZE + MOST_COMMENT);
  const bytes = host.readAt(archive, size - tail, tail);
  const end = bytes === undefined ? -1 : bytes.lastIndexOf(signature(END));
  if (bytes === undefined || end < 0 || end + END_SIZE > bytes.length) return undefined;
  const length = bytes.readUInt32LE(end + 12);
  const position = bytes.readUInt32LE(end + 16);
  if (length > MOST_DIRECTORY || position + length > size) return undefined;
  const directory = host.readAt(archive, position, length);
  const entry = directory && find(directory, Buffer.from(name));
  if (entry === undefined || entry.unpacked > most || entry.packed > most) return undefined;
  const head = host.readAt(archive, entry.position, LOCAL_SIZE);
  if (head?.length !== LOCAL_SIZE || head.readUInt32LE(0) !== LOCAL) return undefined;
  // Its own lengths of name and extra field: they may differ from the directory's.
  const skip = LOCAL_SIZE + head.readUInt16LE(26) + head.readUInt16LE(28);
  const packed = host.readAt(archive, entry.position + skip, entry.packed);
  if (packed?.length !== entry.packed) return undefined;
  return unpack(packed, entry.method, most);
}

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly position: number;
}

function find(directory: Buffer, name: Buffer): Entry | undefined {
  for (let at = 0; at + ENTRY_SIZE <= directory.length; ) {
    if (directory.readUInt32LE(at) !== ENTRY) return undefined;
    const length = directory.readUInt16LE(at + 28);
    if (directory.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + length).equals(name)) {
      return {
        method: directory.readUInt16LE(at + 10),
        packed: directory.readUInt32LE(at + 20),
        unpacked: directory.readUInt32LE(at + 24),
        position: directory.readUInt32LE(at + 42),
      };
    }
    const more = directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    at += ENTRY_SIZE + length + more;
  }
  return undefined;
}

function unpack(packed: Buffer, method: number, most: number): Buffer | undefined {
  if (method === STORED) return packed;
  if (method !== DEFLATED) return undefined;
  try {
    return inflateRawSync(packed, { maxOutputLength: most });
  } catch {
    return undefined;
  }
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

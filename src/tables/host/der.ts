/** DER, as certificates are written: just enough to walk through what others made. */

export interface DerValue {
  readonly tag: number; // first byte
  readonly bytes: Uint8Array; // contents
}

const LONG = 0x80;
const MOST_LENGTH_BYTES = 4;

/** Values that follow each other; those before the first that is cut off. */
export function* derValues(bytes: Uint8Array): Iterable<DerValue> {
  let position = 0;
  while (position + 2 <= bytes.length) {
    const tag = bytes[position] as number;
    let length = bytes[position + 1] as number;
    position += 2;
    if ((length & LONG) !== 0) {
      const count = length & ~LONG;
      if (count === 0 || count > MOST_LENGTH_BYTES) return;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[position + i] ?? 0);
      position += count;
    }
    if (position + length > bytes.length) return;
    yield { tag, bytes: bytes.subarray(position, position + length) };
    position += length;
  }
}

/** What is reached by places one below the other; undefined where there is none. */
export function derAt(bytes: Uint8Array, ...places: readonly number[]): DerValue | undefined {
  let value: DerValue | undefined = { tag: 0, bytes };
  for (const place of places) {
    value = value && [...derValues(value.bytes)][place];
  }
  return value;
}

/** An object identifier with dots. */
export function derObjectId(bytes: Uint8Array): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of bytes) {
    part = part * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    // The first two parts share a number.
    const first = Math.min(Math.floor(part / 40), 2);
    if (parts.length === 0) parts.push(first, part - 40 * first);
    else parts.push(part);
    part = 0;
  }
  return parts.join('.');
}

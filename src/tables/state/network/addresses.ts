/** Groups of an IPv6 address that are left out: the longest run of zeros, the first of equal ones. */
function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best[1]) best = [start, length];
    start += length;
  }
  return best[1] >= 2 ? best : [0, 0];
}

/** Of 4 or 16 bytes, as inet_ntop(3) writes it; '' for anything else. */
export function addressText(bytes: Uint8Array | undefined): string {
  if (bytes?.length === 4) return bytes.join('.');
  if (bytes?.length !== 16) return '';
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2));
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return `::ffff:${bytes.subarray(12).join('.')}`;
  const hex = groups.map((group) => group.toString(16));
  const [start, length] = longestZeros(groups);
  if (length === 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** The mask of a prefix, in as many bytes as the address has. */
export function maskText(prefix: number, size: number): string {
  return addressText(
    Uint8Array.from({ length: size }, (_, i) => {
      const bits = Math.min(8, Math.max(0, prefix - i * 8));
      return (0xff00 >> bits) & 0xff;
    }),
  );
}

export function macText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) return '00:00:00:00:00:00';
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

import { fromBytePath } from '../../host/byte-path.ts';
import type { Host } from '../../host/host.ts';

const MAGIC = 'LUKS\xba\xbe';
/** Both versions begin so: magic, version; version 1 then has names in 32 bytes each. */
const CIPHER = 8;
const MODE = 40;
const HEADER = 72;
/** Version 2: the header's size, then JSON after this many bytes. */
const SIZE = 8;
const JSON_AT = 4096;
const MAX_HEADER = 4 << 20;

function upToZero(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/\0.*$/s, '');
}

/** How LUKS on a device encrypts, as in aes-xts-plain64; undefined when it is not LUKS. */
export function luksCipher(host: Host, device: string): string | undefined {
  const path = fromBytePath(device);
  const header = host.readAt(path, 0, HEADER);
  if (header?.toString('latin1', 0, MAGIC.length) !== MAGIC || header.length < HEADER) {
    return undefined;
  }
  if (header.readUInt16BE(6) === 1) {
    const cipher = upToZero(header.subarray(CIPHER, MODE));
    return `${cipher}-${upToZero(header.subarray(MODE, HEADER))}`;
  }
  const size = Math.min(Number(header.readBigUInt64BE(SIZE)), MAX_HEADER);
  const json = host.readAt(path, JSON_AT, Math.max(0, size - JSON_AT));
  return /"encryption":"([^"]*)"/.exec(json?.toString('latin1') ?? '')?.[1];
}

/** What a private key file says about the key without its passphrase. */
import { createPrivateKey } from 'node:crypto';

export interface PrivateKey {
  readonly encrypted: boolean;
  readonly type: string;
  /** Name of the elliptic curve; '' for others. */
  readonly group: string;
  /** Bits; -1 when it does not tell. */
  readonly length: number;
}

const HEADER = /-----BEGIN (?:(\w+) |(ENCRYPTED) )?PRIVATE KEY-----/;
const MAGIC = 'openssh-key-v1\0';

/** @param text contents of the file; undefined: it is no private key */
export function parsePrivateKey(text: string): PrivateKey | undefined {
  const header = HEADER.exec(text);
  if (header === null) return undefined;
  if (header[1] === 'OPENSSH') return parseOpenSsh(text);
  const encrypted = header[2] !== undefined || /^Proc-Type: 4,ENCRYPTED/m.test(text);
  const type = (header[1] ?? '').toLowerCase();
  if (encrypted)
    return { encrypted, type: type === 'encrypted' ? '' : type, group: '', length: -1 };
  return parsePem(text) ?? { encrypted, type, group: '', length: -1 };
}

const CURVE_BITS: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
};

function parsePem(text: string): PrivateKey | undefined {
  try {
    const key = createPrivateKey(text);
    const { modulusLength, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
    const type = key.asymmetricKeyType ?? '';
    const length = modulusLength ?? CURVE_BITS[namedCurve] ?? (type === 'ed25519' ? 256 : -1);
    return { encrypted: false, type, group: namedCurve, length };
  } catch {
    return undefined;
  }
}

/** Strings with their length before them, as SSH writes them (RFC 4251). */
class Strings {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    if (this.#at + 4 > this.#bytes.length) return 0;
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  next(): Buffer {
    const size = this.number();
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return bytes;
  }
}

/** Bits of a number in two's complement. */
function bits(number: Buffer): number {
  const digits = number.toString('hex').replace(/^0+/, '');
  return digits === '' ? 0 : BigInt(`0x${digits}`).toString(2).length;
}

/** PROTOCOL.key of OpenSSH: cipher, kdf, its options, number of keys, public key, private part. */
function parseOpenSsh(text: string): PrivateKey | undefined {
  const base64 = /PRIVATE KEY-----([^-]*)-----END/.exec(text)?.[1] ?? '';
  const bytes = Buffer.from(base64, 'base64');
  if (!bytes.toString('latin1', 0, MAGIC.length).startsWith(MAGIC)) return undefined;
  const outer = new Strings(bytes, MAGIC.length);
  const encrypted = outer.next().toString() !== 'none';
  outer.next();
  outer.next();
  outer.number();
  const key = new Strings(outer.next());
  const type = key.next().toString();
  if (type === 'ssh-rsa') {
    key.next();
    return { encrypted, type, group: '', length: bits(key.next()) };
  }
  if (type === 'ssh-dss') return { encrypted, type, group: '', length: bits(key.next()) };
  const curve = /nistp(\d+)/.exec(type);
  if (curve !== null)
    return { encrypted, type, group: `nistp${curve[1]}`, length: Number(curve[1]) };
  return { encrypted, type, group: '', length: /ed25519/.test(type) ? 256 : -1 };
}

/** Strength of an RSA or DSA modulus (NIST SP 800-57): bits, and what they are worth. */
const STRENGTH = [
  [15_360, 256],
  [7680, 192],
  [4096, 152],
  [3072, 128],
  [2048, 112],
  [1024, 80],
] as const;

export function securityBits({ type, length }: PrivateKey): number {
  if (length < 0) return -1;
  if (/^(?:ssh-)?(?:rsa|dsa|dss)/.test(type)) {
    return STRENGTH.find(([modulus]) => length >= modulus)?.[1] ?? 0;
  }
  return Math.min(256, length >> 1);
}

/** What tables show of a certificate, in OpenSSL's and osquery's words. */
import { X509Certificate } from 'node:crypto';
import { type DerValue, derAt, derObjectId, derValues } from '../../host/der.ts';

export interface CertificateFacts {
  readonly commonName: string;
  readonly subject: string;
  readonly subject2: string;
  readonly issuer: string;
  readonly issuer2: string;
  readonly ca: boolean;
  readonly selfSigned: boolean;
  readonly notBefore: number; // seconds since 1970
  readonly notAfter: number;
  readonly signingAlgorithm: string;
  readonly keyAlgorithm: string;
  readonly keyStrength: string;
  readonly keyUsage: string;
  readonly subjectKeyId: string;
  readonly authorityKeyId: string;
  readonly sha1: string;
  readonly serial: string;
}

/** @returns undefined when the bytes, PEM or DER, are no certificate */
export function certificateFacts(bytes: string | Uint8Array): CertificateFacts | undefined {
  try {
    return factsOf(new X509Certificate(bytes));
  } catch {
    return undefined;
  }
}

/** Of TBSCertificate: version [0] is there in all but the oldest, and moves the rest by one. */
function parts(raw: Uint8Array): readonly DerValue[] {
  const all = [...derValues(derAt(raw, 0, 0)?.bytes ?? new Uint8Array())];
  return all[0]?.tag === 0xa0 ? all.slice(1) : all;
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const [, , issuer, , subject, publicKey, ...rest] = parts(certificate.raw);
  const extensions = extensionsOf(rest.find(({ tag }) => tag === 0xa3));
  const subjectName = nameOf(subject);
  const issuerName = nameOf(issuer);
  return {
    commonName: subjectName.find(({ name }) => name === 'CN')?.text ?? '',
    subject: oneLine(subjectName),
    subject2: printed(subjectName),
    issuer: oneLine(issuerName),
    issuer2: printed(issuerName),
    ca: certificate.ca,
    selfSigned: certificate.checkIssued(certificate),
    notBefore: Math.floor(certificate.validFromDate.getTime() / 1000),
    notAfter: Math.floor(certificate.validToDate.getTime() / 1000),
    signingAlgorithm: certificate.signatureAlgorithm ?? '',
    ...keyOf(certificate, publicKey),
    keyUsage: usageOf(extensions.get('2.5.29.15')),
    subjectKeyId: hex(derAt(extensions.get('2.5.29.14') ?? new Uint8Array(), 0)?.bytes),
    authorityKeyId: authorityOf(extensions.get('2.5.29.35')),
    sha1: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    serial: certificate.serialNumber,
  };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** Values of extensions by object identifier. */
function extensionsOf(value: DerValue | undefined): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const list = value && derAt(value.bytes, 0);
  for (const { bytes } of list ? derValues(list.bytes) : []) {
    const [id, ...others] = [...derValues(bytes)]; // a mark of being critical may come between
    const content = others.find(({ tag }) => tag === 0x04);
    if (id !== undefined && content !== undefined) found.set(derObjectId(id.bytes), content.bytes);
  }
  return found;
}

/** In osquery's order: by bit, of the first byte before the second. */
const USAGES: readonly (readonly [number, string])[] = [
  [0x0001, 'Encipher Only'],
  [0x0002, 'CRL Sign'],
  [0x0004, 'Key Cert Sign'],
  [0x0008, 'Key Agreement'],
  [0x0010, 'Data Encipherment'],
  [0x0020, 'Key Encipherment'],
  [0x0040, 'Non Repudiation'],
  [0x0080, 'Digital Signature'],
  [0x8000, 'Decipher Only'],
];

function usageOf(extension: Uint8Array | undefined): string {
  const bits = extension && derAt(extension, 0)?.bytes;
  if (bits === undefined) return '';
  const set = (bits[1] ?? 0) | ((bits[2] ?? 0) << 8);
  return USAGES.filter(([bit]) => (set & bit) !== 0)
    .map(([, name]) => name)
    .join(', ');
}

function authorityOf(extension: Uint8Array | undefined): string {
  const fields = extension && derAt(extension, 0);
  const id = fields && [...derValues(fields.bytes)].find(({ tag }) => tag === 0x80);
  return hex(id?.bytes);
}

const KEYS: Readonly<Record<string, string>> = {
  rsa: 'rsaEncryption',
  'rsa-pss': 'rsassaPss',
  dsa: 'dsaEncryption',
  ec: 'id-ecPublicKey',
  ed25519: 'ED25519',
  ed448: 'ED448',
};

function keyOf(
  certificate: X509Certificate,
  publicKey: DerValue | undefined,
): Pick<CertificateFacts, 'keyAlgorithm' | 'keyStrength'> {
  try {
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = certificate.publicKey;
    const bits = details?.modulusLength;
    return {
      keyAlgorithm: KEYS[type] ?? type,
      keyStrength:
        details?.namedCurve ?? (bits === undefined ? '' : String(Math.ceil(bits / 8) * 8)),
    };
  } catch {
    // A key that OpenSSL does not know.
    const id = publicKey && derAt(publicKey.bytes, 0, 0);
    return { keyAlgorithm: id === undefined ? '' : derObjectId(id.bytes), keyStrength: '' };
  }
}

interface NamePart {
  readonly name: string;
  readonly text: string;
  /** Follows another in the same set. */
  readonly joined: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
};

function nameOf(value: DerValue | undefined): NamePart[] {
  const found: NamePart[] = [];
  for (const set of value ? derValues(value.bytes) : []) {
    let joined = false;
    for (const part of derValues(set.bytes)) {
      const [id, content] = [...derValues(part.bytes)];
      if (id === undefined || content === undefined) continue;
      const oid = derObjectId(id.bytes);
      found.push({ name: NAMES[oid] ?? oid, text: textOf(content), joined });
      joined = true;
    }
  }
  return found;
}

const BMP_STRING = 0x1e;
const UTF8_STRING = 0x0c;

function textOf({ tag, bytes }: DerValue): string {
  if (tag === BMP_STRING) return Buffer.from(bytes).swap16().toString('utf16le');
  return Buffer.from(bytes).toString(tag === UTF8_STRING ? 'utf8' : 'latin1');
}

/** As X509_NAME_oneline writes it, which OpenSSL calls deprecated. */
function oneLine(parts: readonly NamePart[]): string {
  return parts.map(({ name, text }) => `/${name}=${escaped(text, '\\x')}`).join('');
}

/** As `openssl x509 -nameopt oneline` writes it. */
function printed(parts: readonly NamePart[]): string {
  return parts
    .map(({ name, text, joined }, i) => {
      const between = i === 0 ? '' : joined ? ' + ' : ', ';
      return `${between}${name} = ${quoted(text)}`;
    })
    .join('');
}

function quoted(text: string): string {
  const shown = escaped(text.replaceAll(/["\\]/g, '\\$&'), '\\');
  return /[,+<>;]|^[# ]| $/.test(text) ? `"${shown}"` : shown;
}

/** What is not printable ASCII as bytes of UTF-8, in hexadecimal. */
function escaped(text: string, mark: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, (piece) =>
    [...Buffer.from(piece)]
      .map((byte) => mark + byte.toString(16).toUpperCase().padStart(2, '0'))
      .join(''),
  );
}

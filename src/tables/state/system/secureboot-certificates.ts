import { defineTable, integer, text } from '../../bridge/table.ts';
import { certificateCells } from './certificates.ts';
import { certificateFacts } from './x509.ts';

const VARIABLES = '/sys/firmware/efi/efivars';
/** Before a variable's value its file has its attributes. */
const ATTRIBUTES = 4;
/** EFI_SIGNATURE_LIST: kind (GUID), size of all, of a header of its own, and of each signature. */
const HEADER = 28;
const X509 = Buffer.from('a159c0a5e494a74a87b5ab155c2bf072', 'hex');
/** Before each certificate: who put it there. */
const OWNER = 16;

/** Certificates of a signature database, DER; what is cut off ends it. */
export function* signatureCertificates(database: Buffer): Iterable<Buffer> {
  for (let at = 0; at + HEADER <= database.length; ) {
    const size = database.readUInt32LE(at + 16);
    const first = at + HEADER + database.readUInt32LE(at + 20);
    const each = database.readUInt32LE(at + 24);
    const end = at + size;
    if (size < HEADER || end > database.length) return;
    if (each > OWNER && database.subarray(at, at + X509.length).equals(X509)) {
      for (let one = first; one + each <= end; one += each) {
        yield database.subarray(one + OWNER, one + each);
      }
    }
    at = end;
  }
}

export const securebootCertificates = defineTable({
  name: 'secureboot_certificates',
  description:
    'Certificates that Secure Boot accepts (db) and refuses (dbx), from UEFI’s variables',
  rows: 10,
  columns: {
    common_name: text('Common name of the subject'),
    subject: text('Subject, in OpenSSL’s old form: /C=.../CN=...'),
    issuer: text('Issuer, in the old form'),
    not_valid_before: text('Begin of its validity, seconds since 1970'),
    not_valid_after: text('End of its validity, seconds since 1970'),
    sha1: text('SHA-1 of the certificate', { collate: 'nocase' }),
    serial: text('Serial number', { collate: 'nocase' }),
    revoked: integer('1 when what it signed is refused: it is in dbx'),
    path: text('File of the variable'),
    is_ca: integer('1 when it may sign others'),
    self_signed: integer('1 when it has signed itself'),
    key_usage: text('What its key is for'),
    authority_key_id: text('Identifier of the key that signed it', { collate: 'nocase' }),
    subject_key_id: text('Identifier of its key', { collate: 'nocase' }),
    signing_algorithm: text('Algorithm that it is signed with'),
    key_algorithm: text('Algorithm of its key'),
    key_strength: text('Bits of its key, or the curve'),
  },
  examples: ['SELECT common_name, revoked FROM secureboot_certificates'],
  *generate(context) {
    const { host } = context;
    for (const name of host.names(VARIABLES)) {
      const store = /^dbx?(?=-)/.exec(name)?.[0];
      if (store === undefined) continue;
      const path = `${VARIABLES}/${name}`;
      const bytes = host.bytes(path);
      if (bytes === undefined) continue;
      for (const der of signatureCertificates(bytes.subarray(ATTRIBUTES))) {
        const facts = certificateFacts(der);
        if (facts === undefined) {
          context.warn(`${path}: a certificate in it is none`);
          continue;
        }
        yield { ...certificateCells(facts), is_ca: facts.ca, revoked: store === 'dbx', path };
      }
    }
  },
});

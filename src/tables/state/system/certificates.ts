import { defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { type CertificateFacts, certificateFacts } from './x509.ts';

/** Bundles of Red Hat's and Debian's families. */
const BUNDLES = ['/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/certs/ca-certificates.crt'];
const PEM = /-----BEGIN CERTIFICATE-----[^-]{1,65536}-----END CERTIFICATE-----/g;

/** Cells that secureboot_certificates has too. */
export function certificateCells(facts: CertificateFacts) {
  return {
    common_name: facts.commonName,
    subject: facts.subject,
    issuer: facts.issuer,
    self_signed: facts.selfSigned,
    not_valid_before: String(facts.notBefore),
    not_valid_after: String(facts.notAfter),
    signing_algorithm: facts.signingAlgorithm,
    key_algorithm: facts.keyAlgorithm,
    key_strength: facts.keyStrength,
    key_usage: facts.keyUsage,
    subject_key_id: facts.subjectKeyId,
    authority_key_id: facts.authorityKeyId,
    sha1: facts.sha1,
    serial: facts.serial,
  };
}

export const certificates = defineTable({
  name: 'certificates',
  description:
    'Certificates that programs of this host trust, from the system’s bundle, or those in PEM files that the query names',
  columns: {
    common_name: text('Common name of the subject'),
    subject: text('Subject, in OpenSSL’s old form: /C=.../CN=...'),
    subject2: text('Subject: C = ..., CN = ...'),
    issuer: text('Issuer, in the old form'),
    issuer2: text('Issuer'),
    ca: integer('1 when it may sign others'),
    self_signed: integer('1 when it has signed itself'),
    not_valid_before: text('Begin of its validity, seconds since 1970'),
    not_valid_after: text('End of its validity, seconds since 1970'),
    signing_algorithm: text('Algorithm that it is signed with'),
    key_algorithm: text('Algorithm of its key'),
    key_strength: text('Bits of its key, or the curve'),
    key_usage: text('What its key is for'),
    subject_key_id: text('Identifier of its key', { collate: 'nocase' }),
    authority_key_id: text('Identifier of the key that signed it', { collate: 'nocase' }),
    sha1: text('SHA-1 of the certificate', { collate: 'nocase' }),
    path: text('File', { additional: true, optimized: true, operators: ['='] }),
    serial: text('Serial number', { collate: 'nocase' }),
    sid: elsewhere('TEXT'),
    store_location: elsewhere('TEXT'),
    store: elsewhere('TEXT'),
    username: elsewhere('TEXT'),
    store_id: elsewhere('TEXT'),
  },
  examples: [
    'SELECT common_name, issuer FROM certificates WHERE not_valid_after < unixepoch()',
    "SELECT subject2, sha1 FROM certificates WHERE path = '/etc/ssl/certs/ca-certificates.crt'",
  ],
  *generate(context) {
    const { host } = context;
    for (const path of context.texts('path') ?? BUNDLES) {
      for (const [pem] of host.text(path)?.matchAll(PEM) ?? []) {
        context.checkpoint();
        const facts = certificateFacts(pem);
        if (facts === undefined) {
          context.warn(`${path}: a certificate in it is none`);
          continue;
        }
        const { subject2, issuer2, ca } = facts;
        yield { ...certificateCells(facts), subject2, issuer2, ca, path };
      }
    }
  },
});

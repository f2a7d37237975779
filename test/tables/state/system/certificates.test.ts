import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { signatureCertificates } from '../../../../src/tables/state/system/secureboot-certificates.ts';
import { certificateFacts } from '../../../../src/tables/state/system/x509.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const VARIABLE = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
const X509 = Buffer.from('a159c0a5e494a74a87b5ab155c2bf072', 'hex');
const SHA256 = Buffer.from('2616c4c14c509240aca941f936934328', 'hex');

/** EFI_SIGNATURE_LIST with signatures of one size. */
function list(kind: Buffer, ...signatures: readonly Buffer[]): Buffer {
  const each = 16 + (signatures[0]?.length ?? 0);
  const head = Buffer.alloc(28);
  kind.copy(head);
  head.writeUInt32LE(28 + each * signatures.length, 16);
  head.writeUInt32LE(each, 24);
  return Buffer.concat([head, ...signatures.flatMap((one) => [Buffer.alloc(16), one])]);
}

function openssl(args: readonly string[], input?: string): string {
  return execFileSync('openssl', args, {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

describe('tables: certificates', () => {
  let root: string;
  let set: TableSet;
  let pem: string;

  before(() => {
    root = makeScratch();
    const key = join(root, 'key.pem');
    openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
    const subject = '/C=DE/O=Größe \\+ "Co", GmbH/CN=own.example';
    const usage = 'keyUsage=digitalSignature,keyCertSign';
    const made = ['req', '-x509', '-new', '-utf8', '-key', key, '-days', '1', '-subj', subject];
    pem = openssl([...made, '-addext', usage, '-set_serial', '0x0a0b']);
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    const attributes = Buffer.alloc(4);
    writeTree(root, {
      '/etc/ssl/certs/ca-certificates.crt': pem,
      '/srv/mixed.pem': `${pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      [`/sys/firmware/efi/efivars/db-${VARIABLE}`]: Buffer.concat([
        attributes,
        list(SHA256, Buffer.alloc(32)),
        list(X509, der),
      ]),
      [`/sys/firmware/efi/efivars/dbx-${VARIABLE}`]: Buffer.concat([
        attributes,
        list(X509, Buffer.from('no certificate')),
        list(X509, der),
      ]),
      [`/sys/firmware/efi/efivars/dbDefault-${VARIABLE}`]: Buffer.concat([
        attributes,
        list(X509, der),
      ]),
    });
    set = openTables(findStateTables('system'), root);
  });

  after(() => {
    set.close();
    removeScratch(root);
  });

  it('says what openssl says, of every certificate that this host trusts', function () {
    this.timeout(120_000);
    const bundle = readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8');
    const all = bundle.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    assert.ok(all.length > 50);
    for (const each of all) {
      const said = openssl(
        [
          'x509',
          '-noout',
          '-subject',
          '-issuer',
          '-serial',
          '-fingerprint',
          '-nameopt',
          'oneline',
          '-ext',
          'subjectKeyIdentifier',
        ],
        each,
      );
      const facts = certificateFacts(each);
      assert.ok(facts);
      const line = (name: RegExp): string => name.exec(said)?.[1] ?? '';
      assert.deepEqual(
        [facts.subject2, facts.issuer2, facts.serial, facts.sha1, facts.subjectKeyId],
        [
          line(/^subject=(.*)$/m),
          line(/^issuer=(.*)$/m),
          line(/^serial=(.*)$/m).replace(/^00$/, '0'),
          line(/^sha1 Fingerprint=(.*)$/im)
            .replaceAll(':', '')
            .toLowerCase(),
          line(/Identifier: *\n *(.*)$/m)
            .replaceAll(':', '')
            .toLowerCase(),
        ],
      );
    }
  });

  it('certificates: the bundle, with names as OpenSSL writes them', () => {
    const [row, ...others] = set.all('SELECT * FROM certificates');
    assert.deepEqual(others, []);
    const { not_valid_before, not_valid_after, subject_key_id, authority_key_id, sha1, ...rest } =
      row as Record<string, string>;
    assert.equal(Number(not_valid_after) - Number(not_valid_before), 86_400);
    assert.match(sha1 as string, /^[0-9a-f]{40}$/);
    assert.equal(subject_key_id, authority_key_id);
    assert.deepEqual(rest, {
      common_name: 'own.example',
      subject: '/C=DE/O=Gr\\xC3\\xB6\\xC3\\x9Fe + "Co", GmbH/CN=own.example',
      subject2: 'C = DE, O = "Gr\\C3\\B6\\C3\\9Fe + \\"Co\\", GmbH", CN = own.example',
      issuer: '/C=DE/O=Gr\\xC3\\xB6\\xC3\\x9Fe + "Co", GmbH/CN=own.example',
      issuer2: 'C = DE, O = "Gr\\C3\\B6\\C3\\9Fe + \\"Co\\", GmbH", CN = own.example',
      ca: 1,
      self_signed: 1,
      signing_algorithm: 'ecdsa-with-SHA256',
      key_algorithm: 'id-ecPublicKey',
      key_strength: 'prime256v1',
      key_usage: 'Key Cert Sign, Digital Signature',
      path: '/etc/ssl/certs/ca-certificates.crt',
      serial: '0A0B',
    });
    const said = spawnSync('openssl', ['x509', '-noout', '-subject', '-nameopt', 'oneline'], {
      input: pem,
      encoding: 'utf8',
    });
    assert.equal(said.stdout.trim(), `subject=${rest.subject2}`);
  });

  it('certificates: a file that the query names; what is none is told', () => {
    const sql = "SELECT common_name FROM certificates WHERE path = '/srv/mixed.pem'";
    assert.deepEqual(set.all(sql), [{ common_name: 'own.example' }]);
    assert.match(set.warnings().join(), /mixed\.pem: a certificate in it is none/);
    assert.deepEqual(set.all("SELECT 1 FROM certificates WHERE path = '/none'"), []);
  });

  it('secureboot_certificates: db and dbx', () => {
    const sql = 'SELECT common_name, revoked, is_ca, path FROM secureboot_certificates ORDER BY 2';
    const folder = '/sys/firmware/efi/efivars';
    assert.deepEqual(set.all(sql), [
      { common_name: 'own.example', revoked: 0, is_ca: 1, path: `${folder}/db-${VARIABLE}` },
      { common_name: 'own.example', revoked: 1, is_ca: 1, path: `${folder}/dbx-${VARIABLE}` },
    ]);
    assert.match(set.warnings().join(), /dbx-.*: a certificate in it is none/);
  });

  it('takes whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(certificateFacts(bytes), undefined);
        for (const each of signatureCertificates(Buffer.from(bytes))) assert.ok(each.length > 0);
      }),
    );
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(der);
        changed[at] = byte;
        certificateFacts(changed);
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { REMOVED, redact, redactText } from '../../src/config/redact.ts';

describe('redaction', () => {
  it('removes values of keys that name secrets, whatever their form', () => {
    const config = {
      results: { client: 'pg', connection: 'host=db password=hunter2' },
      options: { enroll_secret_path: '/etc/s', tls_client_key: 'abc', verbose: true },
      headers: { Authorization: ['hunter2'] },
      exclude: [{ path: '/tmp/' }],
      connection: null,
    };
    assert.deepEqual(redact(config), {
      results: { client: 'pg', connection: REMOVED },
      options: { enroll_secret_path: REMOVED, tls_client_key: REMOVED, verbose: true },
      headers: { Authorization: REMOVED },
      exclude: [{ path: '/tmp/' }],
      connection: null,
    });
  });

  it('removes what text shows to be one', () => {
    const secrets = [
      'cannot reach postgres://weir:hunter2@db.example/weir',
      'GET https://example.org/rules.yar?token=hunter2&x=1',
      'Authorization: Bearer hunter2hunter2',
      `password='hunter2 hunter2'`,
      'PGPASSWORD=hunter2',
      '{"api_key": "hunter2"}',
      '-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----',
      'postgres://weir:hunter2/with@slash@db.example/weir',
      'https://example.org/#access_token=hunter2',
      'https://hooks.slack.com/services/T000/B000/hunter2',
      'POST https://discord.com/api/webhooks/123/hunter2 failed',
      'Authorization: Token hunter2',
      'authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=hunter2',
      'Cookie: a=b; session=hunter2',
      'X-Vault-Token: hunter2',
      'AWS_SECRET_ACCESS_KEY=hunter2',
      'DB_PASS=hunter2',
      'ENCRYPTION_KEY=hunter2',
      'passphrase=hunter2',
      'password="hunter2 that the end of the log cut off',
      String.raw`{"row":"{\"password\":\"hunter2 hunter2\"}"}`,
      'mysql --password hunter2 -e x',
      'tool --vault-token hunter2',
      'curl --user admin:hunter2 http://example.org/',
      'curl -u admin:hunter2 http://example.org/',
      'use ghp_hunter2hunter2hunter2hunter2hunter2',
      'xoxb-1234-hunter2',
      'eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIyIjoxfQ.hunter2',
    ];
    for (const text of secrets) {
      assert.doesNotMatch(redactText(text), /hunter2/, text);
      assert.match(redactText(text), /\(removed\)/);
    }
  });

  it('leaves other text as it is', () => {
    const texts = [
      `SELECT pid, path FROM process_events WHERE path LIKE '/etc/passwd%' -- a@b.example`,
      'key=perm_mod in /etc/audit/rules.d/a.rules, https://example.org:8080/a@b',
      'setpriv -u 1000:1000 /bin/bypass --pass-through --user root',
      'three passes, the keyboard: fine',
    ];
    for (const text of texts) assert.equal(redactText(text), text);
  });

  it('removes what stands behind a flag in a list of arguments', () => {
    const list = ['mysql', '--password', 'hunter2', '--user', 'root', '--verbose'];
    assert.deepEqual(redact(list), ['mysql', '--password', REMOVED, '--user', 'root', '--verbose']);
  });

  it('takes a bounded time for hostile text', () => {
    for (const text of [
      'a://'.repeat(50_000),
      'x_'.repeat(100_000),
      'eyJ-'.repeat(50_000),
      ' --a-a-a-a'.repeat(20_000),
      ' -u a'.repeat(40_000),
      'a://b:c'.repeat(30_000),
      'https://hooks.'.repeat(15_000),
      '-----BEGIN PRIVATE KEY-----'.repeat(200),
      `password=${'"'.repeat(50_000)}`,
    ]) {
      assert.equal(typeof redactText(text), 'string');
    }
  });
});

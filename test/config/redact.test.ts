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
      'X-Auth: hunter2',
      'brokers a:hunter2@kafka.example:9092',
      'https://rules.example/hunter2d0b5e77a90c1f6/rules.yar',
      "SELECT 'hunter2' AS api_token",
      'the password hunter2 is in the vault',
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
      'https://example.org/a-long-path-with-many-words/of-version-12/file.yar',
      "SELECT 'x' AS path, 'y' AS author",
      'git@example.org:weir/weir.git, 12:30 to 13:30, [::1]:9464, a password of 12 characters',
    ];
    for (const text of texts) assert.equal(redactText(text), text);
  });

  it('removes what stands behind a flag in a list of arguments', () => {
    const list = ['mysql', '--password', 'hunter2', '--user', 'root', '--verbose'];
    assert.deepEqual(redact(list), ['mysql', '--password', REMOVED, '--user', 'root', '--verbose']);
    const curl = ['-u', 'admin:hunter2', '--proxy-user', 'a:hunter2'];
    const kept = ['-u', `admin:${REMOVED}`, '--proxy-user', `a:${REMOVED}`];
    assert.deepEqual(redact(curl), kept);
    assert.deepEqual(redact(['-u', '1000:1000', 'psql', '-p', '5432', '-p5432', '-p/srv']), [
      ...['-u', '1000:1000', 'psql', '-p', '5432', '-p5432', '-p/srv'],
    ]);
    assert.deepEqual(redact(['mysqldump', '-phunter2']), ['mysqldump', `-p${REMOVED}`]);
  });

  it('removes secrets from names, too', () => {
    assert.deepEqual(redact({ 'https://a:hunter2@example.org/': 1 }), {
      [`https://${REMOVED}@example.org/`]: 1,
    });
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
      `https://a${'/a1'.repeat(50_000)}`,
      'a:b'.repeat(50_000),
      "'a' AS ".repeat(20_000),
      "'".repeat(100_000),
      'password '.repeat(15_000),
    ]) {
      assert.equal(typeof redactText(text), 'string');
    }
  });
});

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
    ];
    for (const text of secrets) {
      assert.doesNotMatch(redactText(text), /hunter2/, text);
      assert.match(redactText(text), /\(removed\)/);
    }
  });

  it('leaves other text as it is', () => {
    const text = `SELECT pid, path FROM process_events WHERE path LIKE '/etc/passwd%' -- a@b.example`;
    assert.equal(redactText(text), text);
  });

  it('takes a bounded time for hostile text', () => {
    for (const text of [
      'a://'.repeat(50_000),
      'x_'.repeat(100_000),
      `password=${'"'.repeat(50_000)}`,
    ]) {
      assert.equal(typeof redactText(text), 'string');
    }
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../../src/config/errors.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

describe('WeirError', () => {
  it('keeps code, exit code and cause', () => {
    const cause = new Error('why');
    const error = new WeirError('SOME_CODE', 'what', { exitCode: 77, cause });
    assert.deepEqual([error.name, error.code, error.exitCode], ['WeirError', 'SOME_CODE', 77]);
    assert.equal(error.cause, cause);
    assert.equal(new WeirError('SOME_CODE', 'what').exitCode, 1);
  });

  it('has every code of the sources in docs/errors.md', () => {
    const documented = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'))
      .join('\n');
    const codes = [...sources.matchAll(/new WeirError\(\s*'([A-Z_]+)'/g)].map((m) => m[1]);
    assert.ok(codes.length > 20, `only ${codes.length} found`);
    const missing = [...new Set(codes)].filter((code) => !documented.includes(`\`${code}\``));
    assert.deepEqual(missing, [], 'codes that docs/errors.md does not explain');
  });
});

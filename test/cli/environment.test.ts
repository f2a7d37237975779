import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

describe('the environment of whoever starts weir', () => {
  let scratch: string;
  before(() => {
    scratch = makeScratch();
  });
  after(() => removeScratch(scratch));

  const run = (env: Readonly<Record<string, string>>, ...words: readonly string[]): string =>
    execFileSync(WEIR, words, { encoding: 'utf8', env: { ...process.env, ...env } });

  for (const name of ['NODE_OPTIONS', 'NODE_REPL_EXTERNAL_MODULE']) {
    it(`${name} loads nothing into it`, () => {
      const mark = join(scratch, `loaded-by-${name}`);
      const module = join(scratch, `${name}.cjs`);
      writeFileSync(module, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`);
      const value = name === 'NODE_OPTIONS' ? `--require ${module}` : module;
      assert.match(run({ [name]: value }, '--version'), /^weir \d/);
      assert.ok(!existsSync(mark));
      // It would be loaded where nobody takes it away.
      if (name !== 'NODE_OPTIONS') return;
      execFileSync(process.execPath, ['-e', ''], { env: { ...process.env, [name]: value } });
      assert.ok(existsSync(mark));
    });
  }

  it('is cleaned of the same names by both ways to start', () => {
    const text = readFileSync(WEIR, 'utf8');
    const byShell = /unset ([A-Z0-9_ ]+);/.exec(text)?.[1]?.split(' ') ?? [];
    const list = /UNWANTED = \[([^\]]*)\]/.exec(text)?.[1] ?? '';
    const byNode = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name);
    assert.ok(byNode.length > 5);
    assert.deepEqual(byShell, byNode);
  });

  it('is not handed on: of what Node and SQLite would follow only what weir sets is left', () => {
    const evil = {
      ...{ NODE_OPTIONS: '--no-warnings', NODE_PATH: '/x', NODE_EXTRA_CA_CERTS: '/x' },
      ...{ NODE_V8_COVERAGE: join(scratch, 'coverage'), SQLITE_USE_URI: '1' },
      ...{ NODE_TLS_REJECT_UNAUTHORIZED: '0', OPENSSL_CONF: '/x', OPENSSL_MODULES: '/x' },
    };
    // Each process of weir by its own name for itself. NODE alone is npm's, and nobody reads it.
    const sql = `SELECT DISTINCT key FROM process_envs JOIN processes USING (pid)
      WHERE cmdline LIKE '%asked-by-${process.pid}%'
        AND (key GLOB 'NODE_*' OR key GLOB 'SQLITE*' OR key GLOB 'OPENSSL*')`;
    const said = run(evil, 'query', '--json', '--state-dir', scratch, sql);
    assert.deepEqual(JSON.parse(said), [{ key: 'NODE_COMPILE_CACHE' }]);
    assert.ok(!existsSync(join(scratch, 'coverage')));
  });
});

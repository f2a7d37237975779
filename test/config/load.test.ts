import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfigFile } from '../../src/config/check.ts';
import { WeirError } from '../../src/config/errors.ts';
import { loadConfig } from '../../src/config/load.ts';

describe('loadConfig', () => {
  let folder: string;
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const failsWith =
    (code: string) =>
    (error: unknown): true => {
      assert.ok(error instanceof WeirError);
      assert.equal(error.code, code);
      assert.equal(error.exitCode, 78);
      return true;
    };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-config-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is the built-in defaults without a file', () => {
    const loaded = loadConfig({ environment: {}, defaultFile: join(folder, 'none') });
    assert.equal(loaded.file, undefined);
    assert.equal(loaded.config.socket, '/var/lib/weir/weir.sock');
    assert.equal(loaded.config.logger.path, '/var/lib/weir/log');
  });

  it('takes flags before environment before file before defaults', () => {
    const file = write('a.json', '{"state_dir": "/file", "provider": "ebpf"}');
    const environment = { WEIR_STATE_DIR: '/environment', WEIR_PROVIDER: 'off' };
    const fromFile = loadConfig({ file, environment: {} }).config;
    assert.deepEqual([fromFile.state_dir, fromFile.provider], ['/file', 'ebpf']);
    const fromEnvironment = loadConfig({ file, environment }).config;
    assert.deepEqual(
      [fromEnvironment.state_dir, fromEnvironment.provider],
      ['/environment', 'off'],
    );
    const fromFlags = loadConfig({ file, environment, flags: { stateDir: '/flag' } }).config;
    assert.equal(fromFlags.state_dir, '/flag');
    assert.equal(fromFlags.socket, '/flag/weir.sock', 'the socket follows the state folder');
  });

  it('reads the usual file where present, and $WEIR_CONFIG before it', () => {
    const usual = write('usual.json', '{"state_dir": "/usual"}');
    const other = write('other.json', '{"state_dir": "/other"}');
    assert.equal(loadConfig({ environment: {}, defaultFile: usual }).config.state_dir, '/usual');
    const environment = { WEIR_CONFIG: other };
    assert.equal(loadConfig({ environment, defaultFile: usual }).config.state_dir, '/other');
  });

  it('keeps null for no log files', () => {
    const file = write('null.json', '{"logger": {"path": null}}');
    assert.equal(loadConfig({ file, environment: {} }).config.logger.path, null);
  });

  it('returns warnings, and throws all errors at once', () => {
    const warned = write('warned.json', '{"yara": {}}');
    assert.equal(loadConfig({ file: warned, environment: {} }).warnings.length, 1);
    const bad = write('bad.json', '{"yara": {}, "a": 1, "b": 2}');
    assert.throws(
      () => loadConfig({ file: bad, environment: {} }),
      (error: unknown): true => {
        failsWith('CONFIG_INVALID')(error);
        const lines = (error as Error).message.split('\n');
        assert.equal(lines.length, 2, 'errors only');
        assert.ok(lines[0]?.startsWith(`${bad}:1:14: error: a: `), String(lines[0]));
        return true;
      },
    );
  });

  it('says which file cannot be read', () => {
    assert.throws(() => loadConfig({ file: join(folder, 'none') }), failsWith('CONFIG_UNREADABLE'));
    assert.throws(() => loadConfig({ file: folder }), failsWith('CONFIG_UNREADABLE'));
    assert.throws(() => checkConfigFile(join(folder, 'none')), failsWith('CONFIG_UNREADABLE'));
    const environment = { WEIR_PROVIDER: 'x' };
    assert.throws(
      () => loadConfig({ environment, defaultFile: join(folder, 'none') }),
      failsWith('CONFIG_INVALID'),
    );
  });

  it('checks a file without loading it', () => {
    assert.deepEqual(checkConfigFile(write('good.json', '{}')), []);
    assert.equal(checkConfigFile(write('bad2.json', '{"x":1,"y":2}')).length, 2);
  });
});

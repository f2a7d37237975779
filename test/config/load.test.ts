import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfigFile } from '../../src/config/check.ts';
import { WeirError } from '../../src/config/errors.ts';
import { loadConfig, placesIn } from '../../src/config/load.ts';

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
    const warned = write('warned.json', '{"kafka_topics": {}}');
    assert.equal(loadConfig({ file: warned, environment: {} }).warnings.length, 1);
    const bad = write('bad.json', '{"kafka_topics": {}, "a": 1, "b": 2}');
    assert.throws(
      () => loadConfig({ file: bad, environment: {} }),
      (error: unknown): true => {
        failsWith('CONFIG_INVALID')(error);
        const lines = (error as Error).message.split('\n');
        assert.equal(lines.length, 2, 'errors only');
        assert.ok(lines[0]?.startsWith(`${bad}:1:22: error: a: `), String(lines[0]));
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

  it('says to whoever may not read all of it where the daemon is, and nothing else', () => {
    const file = write('shared.json', '{"state_dir": "/shared", "socket": "/shared/s"}');
    mkdirSync(join(folder, 'shared.d'));
    const secret = join(folder, 'shared.d/90-local.json');
    const refused = (error: WeirError): boolean =>
      error.code === 'CONFIG_UNREADABLE' &&
      error.exitCode === 77 &&
      /run as root/.test(error.message);
    const asSomebody = (act: () => void): void => {
      process.seteuid?.(65_534);
      try {
        act();
      } finally {
        process.seteuid?.(0);
      }
    };
    writeFileSync(secret, '{"results": {"client": "pg", "connection": "x"}}', { mode: 0o600 });
    chmodSync(folder, 0o755);
    asSomebody(() => {
      assert.throws(() => loadConfig({ file, environment: {} }), refused);
      assert.deepEqual(placesIn(file), { stateDir: '/shared', socket: '/shared/s' });
    });
    chmodSync(join(folder, 'shared.d'), 0o700);
    asSomebody(() => {
      assert.throws(() => loadConfig({ file, environment: {} }), refused);
      assert.deepEqual(placesIn(file), { stateDir: '/shared', socket: '/shared/s' });
    });
  });

  it('checks a file without loading it', () => {
    assert.deepEqual(checkConfigFile(write('good.json', '{}')), []);
    assert.equal(checkConfigFile(write('bad2.json', '{"x":1,"y":2}')).length, 2);
  });

  it('lays the files of FILE.d below the file, in the order of their names', () => {
    const file = write(
      'layers.json',
      '{"state_dir": "/own", "schedule": {"q": {"query": "SELECT 0"}}}',
    );
    mkdirSync(`${file}.d`);
    write(
      'layers.json.d/20.conf',
      '{"state_dir": "/20", "host_identifier": "h20", "exclude": [{"uid": 2}]}',
    );
    write(
      'layers.json.d/10.json',
      '// first\n{"host_identifier": "h10", "exclude": [{"uid": 1}], "options": {"logger_numerics": "true"},' +
        ' "schedule": {"p": {"query": "SELECT 1"}, "q": {"query": "SELECT 2"}}}',
    );
    write('layers.json.d/.hidden.json', 'nonsense');
    write('layers.json.d/readme.txt', 'nonsense');
    const { config } = loadConfig({ file, environment: {} });
    assert.deepEqual(
      [config.state_dir, config.host_identifier, config.logger.numerics],
      ['/own', 'h20', true],
    );
    assert.deepEqual(
      config.exclude.map((rule) => rule.uid),
      [1, 2],
    );
    assert.deepEqual(
      Object.entries(config.schedule).map(([name, { query }]) => [name, query]),
      [
        ['p', 'SELECT 1'],
        ['q', 'SELECT 0'],
      ],
    );
  });

  it('names the file of the folder that is wrong', () => {
    const file = write('wrong.json', '{"file_paths": {"etc": ["/etc/"]}}');
    mkdirSync(`${file}.d`);
    const below = write('wrong.json.d/a.conf', '{\n"nonsense": 1}');
    assert.throws(() => loadConfig({ file, environment: {} }), {
      code: 'CONFIG_INVALID',
      message: new RegExp(`^${below}:2:1: error: nonsense: unknown key`),
    });
    write('wrong.json.d/a.conf', '{"exclude_paths": {"etc": ["/etc/mtab"]}}');
    assert.deepEqual(checkConfigFile(file), []);
  });
});

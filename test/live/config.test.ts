import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { Watch } from '../helpers/watch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('live: changing the configuration', () => {
  let watch: Watch;
  let file: string;

  before(async () => {
    watch = await Watch.start();
    file = join(watch.daemon.stateDir, 'test-config.json');
  });
  after(() => watch?.stop());

  function weir(...args: readonly string[]): Promise<Said> {
    const places = ['--config', file, '--state-dir', watch.daemon.stateDir];
    return new Promise((resolve) =>
      execFile(process.execPath, [WEIR, ...args, ...places], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      ),
    );
  }

  async function ok(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await weir(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  let made = 0;

  /** Makes a file, and a process, whose events come; and expects those of the file, or none. */
  async function seesFiles(expected: boolean): Promise<void> {
    const name = `seen-${made++}`;
    await watch.run('/bin/sh', '-c', `: > ${watch.scratch}/${name}; exec /bin/true ${name}`);
    await watch.rows(`SELECT 1 FROM process_events WHERE cmdline LIKE '%${name}'`, 1);
    const loss = await watch.lossAtRest('file');
    const sql = `SELECT 1 FROM process_file_events WHERE path LIKE '%/${name}'`;
    const seen = await eventually(
      async () => (await watch.daemon.query(sql)).length > 0,
      (found) => found === expected,
    );
    assert.equal(seen, expected, `${name}: ${JSON.stringify(loss)}`);
  }

  it('events go off and on', async () => {
    await seesFiles(true);
    const off = await ok('config', 'events', 'file', 'off');
    assert.match(off, /collect\.file: true -> false/);
    await seesFiles(false);
    assert.match(await ok('config', 'events', 'file', 'on'), /collect\.file: false -> true/);
    await seesFiles(true);
    const gaps = await eventually(
      () => watch.daemon.query(`SELECT 1 FROM weir_coverage WHERE class = 'file'`),
      (rows) => rows.length === 2,
    );
    assert.equal(gaps.length, 2, 'before and after');
  });

  it('exclusions hold from a reload on', async () => {
    await ok('config', 'set', 'exclude', JSON.stringify([{ path: `${watch.scratch}/` }]));
    await seesFiles(true);
    assert.match(await ok('reload'), /exclude: \[\] -> \[\{"path"/);
    await seesFiles(false);
    await ok('config', 'unset', 'exclude');
    await ok('reload');
    await seesFiles(true);
    assert.match(await ok('reload'), /nothing changed/);
  });

  it('the provider goes off, and comes back', async () => {
    assert.match(await ok('config', 'provider', 'off'), /provider: "auto" -> "off"/);
    assert.equal(await ok('health', '--field', 'provider'), 'off\n');
    assert.equal(await ok('config', 'get', 'provider'), 'off\n');
    await watch.run('/bin/true');
    await ok('config', 'provider', 'ebpf');
    await seesFiles(true);
    assert.match(await ok('config', 'provider', 'netlink', '--temporary'), /^provider netlink/);
    assert.equal(await ok('config', 'get', 'provider'), 'ebpf\n', 'not written');
    await ok('config', 'provider', 'auto', '--temporary');
    assert.equal(await ok('health', '--field', 'provider'), 'ebpf\n');
  });

  it('what needs a restart is said, every time', async () => {
    await ok('config', 'set', 'query.workers', '3');
    const line = /query\.workers: 2 -> 3 only after a restart/;
    assert.match(await ok('reload'), line);
    assert.match(await ok('reload'), line);
    await ok('config', 'unset', 'query.workers');
  });

  it('what is wrong changes nothing, and health says so', async () => {
    const bad = await weir('config', 'set', 'query.workers', 'many');
    assert.equal(bad.code, 78);
    assert.match(bad.stderr, /query\.workers: a whole number.*nothing is written/s);
    writeFileSync(join(watch.daemon.stateDir, 'test-config.d', '95.json'), '{"colect": {}}');
    const { code, stderr } = await weir('reload');
    assert.equal(code, 78);
    assert.match(stderr, /95\.json:1:2: error: colect: unknown key: did you mean collect\?/);
    assert.match(stderr, /what ran before goes on/);
    await seesFiles(true);
    const issues = await watch.daemon.value('SELECT issues FROM weir_health');
    assert.match(String(issues), /NOT_RELOADED/);
    writeFileSync(join(watch.daemon.stateDir, 'test-config.d', '95.json'), '{}');
    await ok('reload');
    assert.equal(await watch.daemon.value('SELECT healthy FROM weir_health'), 1);
  });

  it('managed.json wins, and says so', async () => {
    writeFileSync(join(watch.daemon.stateDir, 'managed.json'), '{"collect": {"dns": false}}');
    const { code, stderr } = await weir('config', 'events', 'dns', 'on');
    assert.equal(code, 1);
    assert.match(stderr, /collect\.dns is managed: .*managed\.json sets it/);
    assert.match(await ok('reload'), /collect\.dns: true -> false/);
    const shown = await ok('config', 'show', '--origin');
    assert.match(shown, /^collect\.dns = false {2}# .*managed\.json:1 \(managed\)$/m);
    assert.match(shown, /^query\.workers = 2 {2}# default$/m);
    assert.match(shown, /^state_dir = .* {2}# --state-dir$/m);
  });

  it('its JSON Schema knows every key', async () => {
    const schema = JSON.parse(await ok('config', 'schema'));
    const config = JSON.parse(await ok('config', 'show'));
    assert.deepEqual(
      Object.keys(config).filter((key) => !(key in schema.properties)),
      [],
    );
    assert.deepEqual(schema.properties.provider.enum, ['auto', 'ebpf', 'netlink', 'off']);
    assert.equal(schema.additionalProperties, false);
  });

  it('a key that is none is told from one that is not set', async () => {
    for (const word of ['get', 'unset']) {
      const { code, stderr } = await weir('config', word, 'store.max_agee');
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^weir: store\.max_agee: unknown key: did you mean max_age\?/);
    }
    assert.match(
      (await weir('config', 'get', 'metrics.listen')).stderr,
      /metrics\.listen is not set/,
    );
    assert.match(await ok('config', 'unset', 'metrics.listen'), /as before/);
  });

  const wrong = [
    { args: ['nonsense'], says: 'unknown word nonsense; there are check, show' },
    { args: ['set', 'a'], says: 'config set takes KEY VALUE' },
    { args: ['set', 'a..b', '1'], says: '' },
    { args: ['provider', 'audit'], says: 'unknown provider audit; there are auto, ebpf' },
    { args: ['events', 'file', 'maybe'], says: 'on or off, not maybe' },
    { args: ['get'], says: 'config get takes KEY' },
    { args: ['schema', 'x'], says: 'config schema takes nothing; unexpected argument x' },
    { args: ['show', '--origin=x'], says: '--origin takes no value' },
    { args: ['set', 'a', '1', '--temporary'], says: 'config set takes no --temporary: it is for' },
    { args: ['check', '--origin'], says: 'config check takes no --origin: it is for show' },
    { args: ['show', '--state-dir'], says: '--state-dir takes a DIR' },
  ];
  for (const { args, says } of wrong) {
    it(`config ${args.join(' ')} is wrong use`, async () => {
      const { code, stdout, stderr } = await weir('config', ...args);
      assert.equal(code, 64, stderr);
      assert.equal(stdout, '');
      assert.ok(stderr.startsWith(`weir: ${says}`), stderr);
      assert.match(stderr, /^usage: weir config/m);
    });
  }
});

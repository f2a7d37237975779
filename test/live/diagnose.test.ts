import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

interface Bundle {
  readonly names: readonly string[];
  text(name: string): string;
}

describe('live: diagnose', function () {
  this.timeout(120_000);
  let state: string;
  before(() => {
    state = makeScratch();
  });
  after(() => removeScratch(state));

  const diagnose = (...args: string[]) =>
    spawnSync(process.execPath, [WEIR, 'diagnose', '--state-dir', state, ...args], {
      encoding: 'utf8',
      cwd: state,
    });

  function unpack(file: string): Bundle {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const folder = makeScratch();
    try {
      execFileSync('tar', ['-xzf', file, '--strip-components=1', '-C', folder]);
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const texts = new Map(
        names
          .filter((name) => statSync(join(folder, name)).isFile())
          .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      );
      return { names: [...texts.keys()], text: (name) => texts.get(name) ?? '' };
    } finally {
      removeScratch(folder);
    }
  }

  it('holds what a daemon knows, without secrets and without events', async () => {
    const mark = `seen-${process.pid}`;
    const daemon = await WeirDaemon.start(state, {});
    try {
      writeFileSync(join(state, mark), '');
      const folder = join(state, 'etc');
      const config = join(folder, 'weir.json');
      mkdirSync(join(folder, 'weir.d'), { recursive: true });
      const url = 'postgres://weir:hunter2@127.0.0.1/weir';
      const secrets = {
        results: { client: 'pg', connection: url },
        options: { aws_secret_access_key: 'hunter2', nosuch: 'hunter2' },
        response: {
          commands: {
            tell: {
              command: '/usr/bin/curl',
              arguments: ['-u', 'weir:hunter2', '-H', 'X-Auth: hunter2', '--token', 'hunter2'],
            },
          },
        },
        decorators: { load: ["SELECT 'hunter2' AS api_token"] },
        views: { v: "SELECT 'https://hooks.example/hunter2' AS url" },
      };
      writeFileSync(config, JSON.stringify(secrets));
      // Layers beside it are part of it.
      const layer = { yara: { signature_urls: ['https://u:hunter2@rules.example/a.yar'] } };
      writeFileSync(join(folder, 'weir.d', '10-yara.json'), JSON.stringify(layer));
      const managed = { exclude: [{ path: '/a/', reason: 'password=hunter2' }] };
      writeFileSync(join(folder, 'managed.json'), JSON.stringify(managed));
      const file = join(state, 'a.tar.gz');
      const { status, stdout, stderr } = diagnose('--config', config, '--output', file);
      assert.equal(status, 0, stderr);
      assert.equal(stdout, `${file}\n`);
      const bundle = unpack(file);
      const { files } = JSON.parse(bundle.text('manifest.json'));
      const there = files.filter((entry: { missing?: string }) => entry.missing === undefined);
      const listed = there.map((entry: { file: string }) => entry.file);
      assert.deepEqual([...bundle.names].sort(), ['manifest.json', ...listed].sort());
      assert.equal(JSON.parse(bundle.text('health.json')).pid, daemon.pid);
      assert.ok(JSON.parse(bundle.text('loss.json')).length > 3);
      assert.ok(JSON.parse(bundle.text('coverage.json')).length > 0);
      const [program] = JSON.parse(bundle.text('bpf.json')).programs;
      assert.equal(typeof program.prog_id, 'number');
      assert.equal(typeof program.run_time_ns, 'number');
      assert.match(bundle.text('configuration.json'), /"connection": "\(removed\)"/);
      const inForce = JSON.parse(bundle.text('configuration.json')).in_force;
      assert.equal(inForce.exclude[0].path, '/a/');
      assert.equal(inForce.yara.signature_urls.length, 1);
      const examined = JSON.parse(bundle.text('doctor.json'));
      assert.ok(examined.events.length > 20);
      assert.ok(examined.findings.some((found: { area: string }) => found.area === 'kernel'));
      const sources = JSON.parse(bundle.text('statistics.json'));
      const kinds = new Set(sources.map((source: { kind: string }) => source.kind));
      assert.ok(kinds.has('file') && kinds.has('action'), [...kinds].join());
      for (const { kind, name } of sources) {
        assert.equal(name !== null, kind === 'action' || kind === 'syscall', `${kind} ${name}`);
      }
      assert.ok(!bundle.names.some((name) => name.startsWith('events')));
      for (const name of bundle.names) {
        assert.doesNotMatch(bundle.text(name), /hunter2/, name);
        // The folder's own list of files is no event.
        if (name !== 'store.json') assert.ok(!bundle.text(name).includes(mark), name);
      }
    } finally {
      await daemon.stop();
    }
  });

  it('has events when they are asked for, from the store too when no daemon runs', () => {
    const file = join(state, 'b.tar.gz');
    const { status, stderr } = diagnose('--with-events', '--output', file);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /warning: without health\.json: no daemon answers on /);
    const bundle = unpack(file);
    assert.ok(JSON.parse(bundle.text('events/process_file_events.json')).length > 0);
    assert.equal(JSON.parse(bundle.text('manifest.json')).with_events, true);
  });

  it('is made where the configuration is broken, and says so', () => {
    const config = join(state, 'broken.json');
    writeFileSync(config, '{"exclude": [{}]}');
    const file = join(state, 'c.tar.gz');
    const { status, stderr } = diagnose('--config', config, '--output', file);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /without configuration\.json: .*leaves out everything/);
  });

  it('says what it cannot write, and leaves nothing behind', () => {
    const { status, stderr } = diagnose('--output', join(state, 'no', 'where.tar.gz'));
    assert.equal(status, 1);
    assert.match(stderr, /^weir: cannot write .*where\.tar\.gz/);
    assert.equal(diagnose('word').status, 64);
  });
});

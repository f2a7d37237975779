import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { forEachProvider } from '../helpers/providers.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

const exec = promisify(execFile);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function weir(args: readonly string[], input?: string): Promise<Outcome> {
  const child = spawn(WEIR, args, { stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input ?? '');
  const [code] = await once(child, 'close');
  return { code: code as number, stdout, stderr };
}

forEachProvider('live: daemon and commands', {}, (provider, it) => {
  const stateDir = makeScratch();
  let daemon: WeirDaemon;

  before(async () => {
    daemon = await WeirDaemon.start(stateDir, { provider });
  });
  after(async () => {
    await daemon.kill();
    removeScratch(stateDir);
  });

  it('ready names the socket', () => {
    assert.match(daemon.stdout, new RegExp(`ready.*${daemon.socket}`));
  });

  it('curl works', async () => {
    const { stdout } = await exec('curl', [
      '-s',
      '--unix-socket',
      daemon.socket,
      '-d',
      'SELECT 1 AS one',
      'http://weir/query',
    ]);
    assert.deepEqual(JSON.parse(stdout), [{ one: 1 }]);
  });

  it('weir query: from the command line and from standard input', async () => {
    const given = await weir(['query', '--csv', '--state-dir', stateDir, 'SELECT 1 AS a']);
    assert.deepEqual(given, { code: 0, stdout: 'a\r\n1\r\n', stderr: '' });
    const read = await weir(['query', '--json', '--state-dir', stateDir], 'SELECT 2 AS b');
    assert.deepEqual(JSON.parse(read.stdout), [{ b: 2 }]);
  });

  it('a bad query is one line on standard error and 1', async () => {
    const { code, stdout, stderr } = await weir(['query', '--state-dir', stateDir, 'SELEC\n1']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^weir: near "SELEC": syntax error\n$/);
  });

  it('wrong use is 64, with the usage', async () => {
    for (const args of [
      ['query', '--jsn'],
      ['qery'],
      ['tail', 'a', 'b'],
      ['tail', 'nothing_events', '--state-dir', stateDir],
      ['query', '--json', '--csv', 'x'],
    ]) {
      const { code, stderr } = await weir(args);
      assert.equal(code, 64, args.join(' '));
      assert.match(stderr, /^weir: .*\nusage: weir /);
    }
  });

  it('a reader that has seen enough is no error', async () => {
    const sql = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
    const { stdout, stderr } = await exec('/bin/sh', [
      '-c',
      `'${WEIR}' query --csv --state-dir '${stateDir}' '${sql}' | head -3; exit "$?"`,
    ]);
    assert.equal(stdout, 'i\r\n1\r\n2\r\n');
    assert.equal(stderr, '');
  });

  it('weir tail: an exec shows as a JSON line', async () => {
    const tail = spawn(WEIR, [
      'tail',
      'process_events',
      '--where',
      "path = '/usr/bin/id'",
      '--state-dir',
      stateDir,
    ]);
    let text = '';
    tail.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    while (!text.includes('\n')) {
      await exec('/usr/bin/id');
      await Promise.race([once(tail.stdout, 'data'), new Promise((r) => setTimeout(r, 200))]);
    }
    tail.kill('SIGINT');
    assert.deepEqual(await once(tail, 'exit'), [0, null]);
    assert.equal(JSON.parse(text.split('\n')[0] as string).path, '/usr/bin/id');
  });

  it('a second daemon is refused with one sentence', async () => {
    const { code, stderr } = await weir(['daemon', '--state-dir', stateDir]);
    assert.equal(code, 1);
    assert.match(stderr, /^weir: another weir daemon runs on .*\n$/);
  });

  it('without root: one sentence and 77', async () => {
    const { stdout } = await exec('/bin/sh', [
      '-c',
      `setpriv --reuid 65534 --clear-groups '${WEIR}' daemon --state-dir /tmp/none 2>&1; echo $?`,
    ]);
    assert.match(stdout, /^weir: watching the kernel needs root.*\n77\n$/);
  });

  it('SIGTERM ends it with 0, and what was seen is there without a daemon', async () => {
    await exec('/usr/bin/id');
    const began = await daemon.value('SELECT max(seq) FROM process_events');
    const ended = await daemon.stop();
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.equal(existsSync(daemon.socket), false);
    const { stdout } = await weir([
      'query',
      '--json',
      '--state-dir',
      stateDir,
      `SELECT count(*) AS n FROM process_events WHERE seq <= ${began}`,
    ]);
    assert.ok(JSON.parse(stdout)[0].n > 0);
  });

  it('the socket and lock of a killed daemon are no hindrance', async () => {
    daemon = await WeirDaemon.start(stateDir, { provider });
    await daemon.kill();
    assert.ok(existsSync(daemon.socket));
    daemon = await WeirDaemon.start(stateDir, { provider });
    assert.equal(await daemon.value('SELECT 1'), 1);
  });

  it('images keep their exec_id over a restart: process_seen has each once', async () => {
    const twice = 'SELECT exec_id FROM process_seen GROUP BY exec_id HAVING count(*) > 1';
    assert.deepEqual(await daemon.query(twice), []);
  });
});

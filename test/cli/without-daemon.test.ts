import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { locate } from '../../src/cli/location.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';
import { StoreFixture } from '../store/fixture.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

function weir(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [WEIR, ...args],
      { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 60_000 },
      (error, out, said) => resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
    child.stdin?.end(input);
  });
}

describe('queries without a daemon', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = makeScratch();
  });
  after(() => removeScratch(folder));

  it('tables of the state and functions answer without a store', async () => {
    const sql = `SELECT p.pid, concat('a', 'b') AS ab FROM processes p WHERE p.pid = ${process.pid}`;
    const { code, out, said } = await weir(['query', '--state-dir', folder, '--csv', sql]);
    assert.deepEqual(
      { code, out, said },
      { code: 0, out: `pid,ab\r\n${process.pid},ab\r\n`, said },
    );
    assert.equal(said, '');
  });

  it('event tables are there and empty, and standard error says why', async () => {
    const sql = "SELECT count(*) AS n, 'socket_events' AS x FROM process_events";
    const { code, out, said } = await weir(['query', '--state-dir', folder, '--csv', sql]);
    assert.equal(code, 0);
    assert.equal(out, 'n,x\r\n0,socket_events\r\n');
    assert.match(
      said,
      /^weir: warning: process_events is empty: no daemon answers on .*weir\.sock/,
    );
    assert.ok(said.includes(`no store in ${folder}`));
  });

  it('nothing can be written there', async () => {
    for (const sql of ['CREATE TABLE t(x)', 'CREATE TEMP TABLE t(x)', "ATTACH '/tmp/x' AS x"]) {
      const { code, said } = await weir(['query', '--state-dir', folder, sql]);
      assert.equal(code, 1, said);
      assert.match(said, /only queries|not authorized|readonly/);
    }
  });

  it('a shell works too', async () => {
    const input = 'SELECT count(*) > 1 AS many FROM processes;\nSELECT * FROM socket_events;\n';
    const { code, out, said } = await weir(['shell', '--state-dir', folder, '--csv'], {}, input);
    assert.equal(code, 0, said);
    assert.match(out, /^many\r\n1\r\n/);
    assert.match(said, /socket_events is empty/);
  });

  it('an export of events that are not there stays an error', async () => {
    const args = ['export', '--state-dir', folder, '--table', 'process_events'];
    const { code, said } = await weir(args);
    assert.equal(code, 1);
    assert.match(said, /no daemon answers .* and there is no store/);
  });

  it('the configuration says where the store is', async () => {
    const fixture = new StoreFixture({ flushMs: 60_000 });
    try {
      fixture.append('process', [{ pid: 4711, path: '/bin/seven' }]);
      await fixture.store.flush();
      await fixture.store.close();
      const file = join(folder, 'weir.json');
      writeFileSync(file, JSON.stringify({ state_dir: fixture.folder }));
      const sql = 'SELECT pid FROM process_events';
      const byVariable = await weir(['query', '--csv', sql], { WEIR_CONFIG: file });
      assert.equal(byVariable.out, 'pid\r\n4711\r\n', byVariable.said);
      const byFlag = await weir(['query', '--config', file, '--csv', sql]);
      assert.equal(byFlag.out, 'pid\r\n4711\r\n', byFlag.said);
      const byState = await weir(['query', '--csv', sql], { WEIR_STATE_DIR: fixture.folder });
      assert.equal(byState.out, 'pid\r\n4711\r\n', byState.said);
    } finally {
      await fixture.dispose();
    }
  });

  it('asks the daemon at the configured socket', async () => {
    const socket = join(folder, 'elsewhere.sock');
    const server = createServer((_, answer) => {
      answer.end(
        '{"columns":[{"name":"x","type":""}]}\n[7]\n{"end":{"rows":1,"wallMs":0,"cpu":{"userMs":0,"systemMs":0},"scan":{"blocks":0,"skipped":0,"rows":0},"truncated":false,"warnings":[]}}\n',
      );
    }).listen(socket);
    try {
      const file = join(folder, 'socket.json');
      writeFileSync(file, JSON.stringify({ socket, state_dir: folder }));
      for (const env of [{ WEIR_CONFIG: file }, { WEIR_SOCKET: socket }]) {
        const { out, said } = await weir(['query', '--csv', 'SELECT 1'], env);
        assert.equal(out, 'x\r\n7\r\n', said);
      }
    } finally {
      server.close();
    }
  });

  it('a configuration that is wrong is said, with 78', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, '{"state_dri": "/x"}');
    const { code, said } = await weir(['query', 'SELECT 1'], { WEIR_CONFIG: file });
    assert.equal(code, 78);
    assert.match(said, /state_dri/);
  });

  it('flags come before the environment, and a state directory that is named has its own socket', async () => {
    const file = join(folder, 'weir.json');
    writeFileSync(file, JSON.stringify({ state_dir: '/a', socket: '/b/weir.sock' }));
    const at = (flags: Record<string, string>) => locate({ flags, args: [] });
    assert.deepEqual(await at({ config: file }), { stateDir: '/a', socket: '/b/weir.sock' });
    assert.deepEqual(await at({ 'state-dir': '/c' }), { stateDir: '/c', socket: '/c/weir.sock' });
    const both = { config: file, 'state-dir': '/c', socket: '/d' };
    assert.deepEqual(await at(both), { stateDir: '/c', socket: '/d' });
  });
});

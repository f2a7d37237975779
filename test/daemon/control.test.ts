import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { lines } from '../../src/cli/lines.ts';
import { loadConfig } from '../../src/config/load.ts';
import { makeLogger } from '../../src/config/log.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { FakeProvider } from '../helpers/fake-provider.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const FOREVER = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';
const log = makeLogger({ level: 'silent' });

function startDaemon(stateDir: string, provider: FakeProvider): Promise<Daemon> {
  const reread = () => loadConfig({ flags: { stateDir }, environment: {}, defaultFile: '/none' });
  const { config } = reread();
  return Daemon.start({ config, reread, log, makeProvider: () => provider });
}

const hasCode = (code: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, code, String(error));
  return true;
};

describe('daemon: control socket', () => {
  const stateDir = makeScratch();
  const socketPath = join(stateDir, 'weir.sock');
  const provider = new FakeProvider();
  let daemon: Daemon;

  before(async () => {
    daemon = await startDaemon(stateDir, provider);
  });
  after(async () => {
    await daemon.stop();
    removeScratch(stateDir);
  });

  async function call(
    path: string,
    options: { method?: string; body?: string } = {},
  ): Promise<IncomingMessage> {
    const sent = request({ socketPath, path, method: options.method ?? 'POST' });
    sent.on('error', () => {});
    sent.end(options.body);
    const [answer] = await once(sent, 'response');
    return answer as IncomingMessage;
  }

  async function read(answer: IncomingMessage): Promise<string> {
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += part;
    return text;
  }

  it('is for its owner and group alone', () => {
    assert.equal(statSync(socketPath).mode & 0o777, 0o660);
  });

  it('answers SQL with an array of objects', async () => {
    const answer = await call('/query', { body: "SELECT 1 AS a, 'x' AS b UNION SELECT 2, 'y'" });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(JSON.parse(await read(answer)), [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
  });

  it('takes JSON with limits, and says when rows were cut', async () => {
    const body = JSON.stringify({
      sql: `${FOREVER} SELECT i FROM n`,
      format: 'jsonl',
      max_rows: 3,
    });
    const answer = await call('/query', { body });
    assert.equal(await read(answer), '{"i":1}\n{"i":2}\n{"i":3}\n');
    assert.equal(answer.trailers['weir-truncated'], '1');
  });

  const refused: readonly [
    name: string,
    path: string,
    method: string,
    body: string,
    number,
    string,
  ][] = [
    ['bad SQL', '/query', 'POST', 'SELECT x', 400, 'SQL_ERROR'],
    [
      'a deadline',
      '/query',
      'POST',
      JSON.stringify({ sql: `${FOREVER} SELECT max(i) FROM n`, timeout_ms: 50 }),
      504,
      'SQL_TIMEOUT',
    ],
    ['broken JSON', '/query', 'POST', '{"sql"', 400, 'HTTP_BODY'],
    ['unknown keys', '/query', 'POST', '{"sql":"SELECT 1","rows":1}', 400, 'HTTP_BODY'],
    ['a body that is too large', '/query', 'POST', ' '.repeat(2 << 20), 413, 'HTTP_TOO_LARGE'],
    ['another method', '/query', 'GET', '', 405, 'HTTP_METHOD'],
    ['another path', '/', 'GET', '', 404, 'HTTP_NOT_FOUND'],
    ['a tail of no table', '/tail?table=socket_evens', 'GET', '', 400, 'TAIL_TABLE'],
    [
      'a tail of a bad expression',
      '/tail?table=socket_events&where=prot%3D1',
      'GET',
      '',
      400,
      'SQL_ERROR',
    ],
  ];
  for (const [name, path, method, body, status, code] of refused) {
    it(`refuses ${name}`, async () => {
      const answer = await call(path, { method, body });
      assert.equal(answer.statusCode, status);
      assert.equal(JSON.parse(await read(answer)).error.code, code);
    });
  }

  it('a client that leaves ends its query', async () => {
    const sent = request({ socketPath, path: '/query', method: 'POST' });
    sent.on('error', () => {});
    sent.end(JSON.stringify({ sql: `${FOREVER} SELECT max(i) FROM n`, timeout_ms: 0 }));
    await eventually(
      () => daemon.pool.load.running,
      (running) => running === 1,
    );
    sent.destroy();
    assert.equal(
      await eventually(
        () => daemon.pool.load.running,
        (n) => n === 0,
      ),
      0,
    );
  });

  it('what is no HTTP is dropped', async () => {
    const socket = connect(socketPath);
    socket.end('\u0000\u0001 garbage\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    assert.equal((await call('/health', { method: 'GET' })).statusCode, 200);
  });

  it('tail: every row once and in order, from the moment it was asked', async () => {
    provider.emit('process', [{ pid: 1, path: '/before' }]);
    await eventually(
      () => daemon.store.native.highWater(),
      (seq) => seq >= 1n,
    );
    const answers = await Promise.all(
      ['', "&where=path%20LIKE%20'%2Fbin%25'%20--"].map((where) =>
        call(`/tail?table=process_events&table=socket_events${where.replace('--', '')}`, {
          method: 'GET',
        }),
      ),
    );
    const wanted = 3000;
    for (let i = 0; i < wanted / 10; i++) {
      const rows = Array.from({ length: 10 }, (_, j) => ({
        pid: i * 10 + j,
        path: '/bin/x',
        process_id: 2n ** 62n,
      }));
      provider.emit('process', rows);
      await new Promise(setImmediate);
    }
    for (const answer of answers) {
      const got: { pid: number; seq: string; table: string; process_id: string }[] = [];
      for await (const batch of lines(answer)) {
        got.push(...batch.map((line) => JSON.parse(line)));
        if (got.length >= wanted) break;
      }
      assert.deepEqual(
        got.map(({ pid }) => pid),
        Array.from({ length: wanted }, (_, i) => i),
      );
      assert.equal(got[0]?.table, 'process_events');
      assert.equal(got[0]?.process_id, String(2n ** 62n));
    }
  });

  it('health tells of loss and store', async () => {
    const health = JSON.parse(await read(await call('/health', { method: 'GET' })));
    assert.equal(health.healthy, true, JSON.stringify(health.issues));
    assert.equal(health.pid, process.pid);
    assert.ok(BigInt(health.store.high_water) > 0n);
  });

  it('a second daemon on the same state directory is refused', async () => {
    await assert.rejects(startDaemon(stateDir, new FakeProvider()), hasCode('DAEMON_RUNNING'));
    assert.equal((await call('/health', { method: 'GET' })).statusCode, 200);
  });

  it('a socket that another daemon answers on is not taken away', async () => {
    const other = makeScratch();
    symlinkSync(socketPath, join(other, 'weir.sock'));
    await assert.rejects(startDaemon(other, new FakeProvider()), hasCode('SOCKET_IN_USE'));
    removeScratch(other);
  });

  it('a file in place of the socket is not taken away', async () => {
    const other = makeScratch();
    writeFileSync(join(other, 'weir.sock'), 'precious');
    await assert.rejects(startDaemon(other, new FakeProvider()), hasCode('SOCKET_IN_USE'));
    removeScratch(other);
  });
});

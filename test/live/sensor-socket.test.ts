import assert from 'node:assert/strict';
import { Watch } from '../helpers/watch.ts';

const TIMES = 23;

for (const [family, name, address] of [
  [2, '4', '127.0.0.1'],
  [10, '6', '::1'],
] as const) {
  describe(`live: sockets over IPv${name}`, () => {
    let watch: Watch;
    let program: string;
    let pid: number;
    let ports: { readonly server_port: number; readonly client_port: number };

    before(async () => {
      watch = await Watch.start();
      program = watch.compile('tcp_pair');
      const done = await watch.run(program, String(TIMES), name);
      assert.equal(done.code, 0);
      pid = done.pid;
      ports = JSON.parse(done.stdout);
    });
    after(() => watch?.stop());

    const select = (action: string) => `SELECT * FROM socket_events
      WHERE action = '${action}' AND pid = ${pid} AND family = ${family} ORDER BY seq`;

    it('a connect shows both ends and who did it', async () => {
      const rows = await watch.rows(select('connect'), TIMES);
      assert.equal(rows.length, TIMES);
      const last = rows.at(-1);
      assert.equal(last?.path, program);
      assert.equal(last?.status, 'succeeded');
      assert.equal(last?.local_address, address);
      assert.equal(last?.remote_address, address);
      assert.equal(Number(last?.local_port), ports.client_port);
      assert.equal(Number(last?.remote_port), ports.server_port);
    });

    it('an accept shows the same two ends from the other side', async () => {
      const rows = await watch.rows(select('accept'), TIMES);
      assert.equal(rows.length, TIMES);
      const last = rows.at(-1);
      assert.equal(last?.local_address, address);
      assert.equal(last?.remote_address, address);
      assert.equal(Number(last?.local_port), ports.server_port);
      assert.equal(Number(last?.remote_port), ports.client_port);
    });

    it('bind and listen are one row each, with the port', async () => {
      for (const action of ['bind', 'listen']) {
        const rows = await watch.rows(select(action), 1);
        assert.equal(rows.length, 1, action);
        assert.equal(Number(rows[0]?.local_port), ports.server_port, action);
      }
    });

    it('joins to the program on exec_id', async () => {
      const sql = `SELECT p.path, s.remote_address FROM socket_events s
        JOIN process_events p USING (exec_id) WHERE s.action = 'connect' AND s.pid = ${pid}`;
      const rows = await watch.rows(sql, TIMES);
      assert.equal(rows.length, TIMES);
      assert.ok(rows.every((row) => row.path === program && row.remote_address === address));
    });

    it('loses nothing, and the sum holds', async () => {
      const loss = await watch.lossAtRest('socket');
      assert.equal(loss.balance, 0);
      assert.equal(loss.pending, 0);
      assert.equal(loss.stored, loss.seen);
    });
  });
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { Watch } from '../helpers/watch.ts';

/** Longer than what lies between two looks at the sockets. */
const HOLD_MS = 3000;

for (const [family, name, address] of [
  [2, '4', '127.0.0.1'],
  [10, '6', '::1'],
] as const) {
  describe(`live: sockets over IPv${name} with netlink`, () => {
    let watch: Watch;
    let program: string;
    let pid: number;
    let ports: { readonly server_port: number; readonly client_port: number };

    before(async () => {
      watch = await Watch.start({ provider: 'netlink' });
      program = watch.compile('tcp_pair');
      const done = await watch.run(program, '1', name, String(HOLD_MS));
      assert.equal(done.code, 0);
      pid = done.pid;
      ports = JSON.parse(done.stdout);
    });
    after(() => watch?.stop());

    const select = (action: string) => `SELECT * FROM socket_events
      WHERE action = '${action}' AND pid = ${pid} AND family = ${family} ORDER BY seq`;

    it('both ends of a connection are a row each, with their process', async () => {
      const [connected] = await watch.rows(select('connect'), 1);
      const [accepted] = await watch.rows(select('accept'), 1);
      for (const row of [connected, accepted]) {
        assert.equal(row?.path, program);
        assert.equal(row?.status, 'succeeded');
        assert.equal(row?.source, 'netlink');
        assert.equal(row?.local_address, address);
        assert.equal(row?.remote_address, address);
      }
      assert.equal(Number(connected?.local_port), ports.client_port);
      assert.equal(Number(connected?.remote_port), ports.server_port);
      assert.equal(Number(accepted?.local_port), ports.server_port);
      assert.equal(Number(accepted?.remote_port), ports.client_port);
    });

    it('bind and listen are one row each, with the port', async () => {
      for (const action of ['bind', 'listen']) {
        const rows = await watch.rows(select(action), 1);
        assert.equal(rows.length, 1, action);
        assert.equal(Number(rows[0]?.local_port), ports.server_port, action);
      }
    });

    it('joins to the program on exec_id', async () => {
      const sql = `SELECT p.path FROM socket_events s
        JOIN process_events p USING (exec_id) WHERE s.action = 'connect' AND s.pid = ${pid}`;
      assert.deepEqual(await watch.rows(sql, 1), [{ path: program }]);
    });

    it('loses nothing, and the sum holds', async () => {
      const loss = await watch.lossAtRest('socket');
      assert.equal(loss.balance, 0);
      assert.equal(loss.stored, loss.seen);
    });
  });
}

describe('live: sockets that end between two looks, with netlink', () => {
  let watch: Watch;
  before(async () => {
    watch = await Watch.start({ provider: 'netlink', collect: {} });
  });
  after(() => watch?.stop());

  it('are rows with both ends, though nobody knows whose they were', async () => {
    const program = watch.compile('tcp_pair');
    const { server_port } = JSON.parse(execFileSync(program, ['23', '4'], { encoding: 'utf8' }));
    const sql = (action: string, end: string) => `SELECT pid, process_id, exec_id FROM socket_events
      WHERE action = '${action}' AND ${end}_port = ${server_port}`;
    for (const [action, end] of [
      ['connect', 'remote'],
      ['accept', 'local'],
    ] as const) {
      const rows = await watch.rows(sql(action, end), 23);
      assert.equal(rows.length, 23, action);
      for (const row of rows) {
        if (Number(row.pid) !== 0) continue;
        assert.equal(row.process_id, null);
        assert.equal(row.exec_id, null);
      }
    }
  });

  it('are seen in other network namespaces too', async () => {
    const program = watch.compile('tcp_pair');
    const inside = `ip link set lo up && exec ${program} 1 4 ${HOLD_MS}`;
    const { server_port } = JSON.parse(
      execFileSync('unshare', ['--net', 'sh', '-c', inside], { encoding: 'utf8' }),
    );
    const sql = `SELECT path, net_ns FROM socket_events
      WHERE action = 'connect' AND remote_port = ${server_port} AND path = '${program}'`;
    const [row] = await watch.rows(sql, 1);
    assert.equal(row?.path, program);
    assert.notEqual(Number(row?.net_ns), statSync('/proc/self/ns/net').ino);
  });
});

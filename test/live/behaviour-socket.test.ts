import assert from 'node:assert/strict';
import { forEachProvider, type LeftOut } from '../helpers/providers.ts';
import { tier } from '../helpers/surroundings.ts';
import { Watch } from '../helpers/watch.ts';

const CONNECTS = 500;

/** Longer than what lies between two looks at the sockets. */
const HOLD_MS = '3000';

const KINDS_LEFT_OUT: LeftOut = {
  'a refused connect says so': 'a failed connect has no `error`',
  'a connect that does not wait is two rows of one operation':
    'a connect that does not wait is one row, unless a look falls into the waiting',
  'datagrams: a row per socket and remote end, connected or not': 'sends are not seen',
  'raw sockets have addresses and no ports': 'sends are not seen',
};

forEachProvider('live: every kind of socket operation', KINDS_LEFT_OUT, (provider, it) => {
  const ebpf = provider === 'ebpf';
  let watch: Watch;
  let facts: Readonly<Record<string, number>>;

  before(async () => {
    watch = await Watch.start({ provider });
    const hold = ebpf ? [] : [HOLD_MS];
    const done = await watch.run(watch.compile('socket_kinds'), watch.scratch, ...hold);
    assert.equal(done.code, 0);
    facts = JSON.parse(done.stdout);
  });
  after(() => watch?.stop());

  const rows = (where: string, atLeast: number) =>
    watch.rows(
      `SELECT *, protocol, op_id FROM socket_events WHERE pid = ${facts.pid} AND ${where} ORDER BY seq`,
      atLeast,
    );

  it('IPv4 through an IPv6 socket is IPv4 at both ends', async () => {
    for (const [action, local, remote] of [
      ['connect', facts.mapped_client, facts.mapped_server],
      ['accept', facts.mapped_server, facts.mapped_client],
    ] as const) {
      const [row, ...more] = await rows(
        `action = '${action}' AND local_port = ${local} AND remote_port = ${remote}`,
        1,
      );
      assert.equal(more.length, 0);
      assert.equal(Number(row?.family), 2);
      assert.equal(row?.local_address, '127.0.0.1');
      assert.equal(row?.remote_address, '127.0.0.1');
    }
  });

  it('a refused connect says so', async () => {
    const [row, ...more] = await rows(`remote_port = ${facts.refused}`, 1);
    assert.equal(more.length, 0);
    assert.equal(row?.status, 'failed');
    assert.equal(Number(row?.error), 111);
    assert.equal(row?.remote_address, '127.0.0.1');
  });

  it('a connect that does not wait is two rows of one operation', async () => {
    for (const [port, status, error] of [
      [facts.not_blocking, 'succeeded', 0],
      [facts.not_blocking_refused, 'failed', 111],
    ] as const) {
      const [begun, ended, ...more] = await rows(`action = 'connect' AND remote_port = ${port}`, 2);
      assert.equal(more.length, 0);
      assert.equal(begun?.status, 'in_progress');
      assert.equal(ended?.status, status);
      assert.equal(Number(ended?.error), error);
      const ids = await watch.rows(
        `SELECT DISTINCT op_id FROM socket_events
          WHERE pid = ${facts.pid} AND action = 'connect' AND remote_port = ${port}`,
        1,
      );
      assert.equal(ids.length, 1);
    }
  });

  it('a connection that nobody accepts is a connect and no accept', async () => {
    const [row] = await rows(`action = 'connect' AND remote_port = ${facts.unaccepted}`, 1);
    assert.equal(row?.status, 'succeeded');
    assert.equal(Number(row?.local_port), facts.unaccepted_client);
    assert.deepEqual(await rows(`action = 'accept' AND local_port = ${facts.unaccepted}`, 0), []);
  });

  it('accept4 with flags is an accept', async () => {
    const sql = `SELECT syscall, remote_port FROM socket_events
      WHERE pid = ${facts.pid} AND action = 'accept' AND local_port = ${facts.accept4}`;
    const accepted = await watch.rows(sql, 1);
    assert.deepEqual(
      accepted.map((row) => [row.syscall, Number(row.remote_port)]),
      [[ebpf ? 'accept4' : null, facts.accept4_client]],
    );
  });

  it('datagrams: a row per socket and remote end, connected or not', async () => {
    const sends = await rows(`action = 'send' AND remote_port = ${facts.udp}`, 2);
    assert.deepEqual(
      sends.map((row) => [Number(row.local_port), row.remote_address, row.source]),
      [
        [facts.udp_sender, '127.0.0.1', tier === 'tracepoint' ? 'user' : 'kernel'],
        [facts.udp_connected, '127.0.0.1', 'kernel'],
      ],
    );
    const connects = await rows(`action = 'connect' AND remote_port = ${facts.udp}`, 1);
    assert.deepEqual(
      connects.map((row) => [Number(row.protocol ?? 17), Number(row.local_port)]),
      [[17, facts.udp_connected]],
    );
    const loss = await watch.lossAtRest('socket');
    // All but the first of the repeated sends are in a count, now or when the window ends.
    assert.equal(loss.coalesced, (facts.sends ?? 0) - 1);
    assert.equal(loss.balance, 0);
  });

  it('raw sockets have addresses and no ports', async () => {
    const sends = await rows(`action = 'send' AND type = 3`, 1);
    assert.deepEqual(
      sends.map((row) => [
        row.remote_address,
        Number(row.protocol),
        row.local_port,
        row.remote_port,
      ]),
      [['127.0.0.1', 1, 0, 0]],
    );
  });

  it('a connection that begins with a send is a connect', async () => {
    for (const port of [facts.fast_open, facts.fast_open_message]) {
      const found = await rows(
        `action = 'connect' AND remote_port = ${facts.other} AND local_port = ${port}
          AND status <> 'in_progress'`,
        1,
      );
      const [last] = found;
      assert.equal(last?.status, 'succeeded');
      assert.equal(last?.remote_address, '127.0.0.1');
      if (!ebpf) continue;
      const [begun, ended, ...more] = await watch.rows(
        `SELECT status, syscall, source, fd FROM socket_events WHERE pid = ${facts.pid}
          AND action = 'connect' AND op_id = ${last?.op_id} ORDER BY seq`,
        2,
      );
      assert.equal(more.length, 0);
      assert.equal(begun?.status, 'in_progress');
      assert.equal(begun?.syscall, port === facts.fast_open ? 'sendto' : 'sendmsg');
      assert.deepEqual([begun?.source, ended?.source], ['kernel', 'kernel']);
    }
  });

  it('a socket that forgets its peer is no connect, and ends its connection once', async () => {
    const ofPort = `local_port = ${facts.disconnected}`;
    if (ebpf) {
      const ends = await rows(`${ofPort} AND action = 'close'`, 1);
      assert.deepEqual(
        ends.map((row) => Number(row.remote_port)),
        [facts.other],
      );
      assert.equal((await rows(`${ofPort} AND action = 'connect'`, 1)).length, 1);
    }
    assert.deepEqual(await rows(`action = 'connect' AND remote_port = 0 AND family <> 1`, 0), []);
  });

  it('listen says where', async () => {
    const listens = await rows(`action = 'listen' AND local_port = ${facts.server}`, 1);
    assert.equal(listens.length, 1);
  });
});

const RACE_LEFT_OUT: LeftOut = {
  'a connect shows where it went, not what the caller’s memory says by then':
    'What ends between two looks is told by the kernel without saying whose it was',
};

forEachProvider('live: addresses that another thread exchanges', RACE_LEFT_OUT, (provider, it) => {
  let watch: Watch;
  before(async () => {
    watch = await Watch.start({ provider });
  });
  after(() => watch?.stop());

  it('a connect shows where it went, not what the caller’s memory says by then', async () => {
    const done = await watch.run(watch.compile('socket_race'), String(CONNECTS));
    assert.equal(done.code, 0);
    const { pid, ports } = JSON.parse(done.stdout);
    assert.equal(new Set(ports).size, 2);
    const sql = `SELECT remote_port, source FROM socket_events
      WHERE pid = ${pid} AND action = 'connect' ORDER BY seq`;
    const rows = await watch.rows(sql, CONNECTS);
    assert.deepEqual(
      rows.map((row) => Number(row.remote_port)),
      ports,
    );
    assert.ok(rows.every((row) => row.source === 'kernel'));
  });
});

const WAITING_LEFT_OUT: LeftOut = {
  'each accept and each connect is a row':
    'What ends between two looks is told by the kernel without saying whose it was',
};

forEachProvider('live: 64 calls that wait at once', WAITING_LEFT_OUT, (provider, it) => {
  const CALLS = 64;
  let watch: Watch;
  before(async () => {
    watch = await Watch.start({ provider });
  });
  after(() => watch?.stop());

  it('each accept and each connect is a row', async () => {
    const done = await watch.run(watch.compile('waiting'), String(CALLS));
    assert.equal(done.code, 0);
    const { pid, accept_port, connect_port } = JSON.parse(done.stdout);
    for (const [action, own, other] of [
      ['accept', `local_port = ${accept_port}`, 'remote_port'],
      ['connect', `remote_port = ${connect_port}`, 'local_port'],
    ] as const) {
      const rows = await watch.rows(
        `SELECT ${other} AS port, status FROM socket_events
          WHERE pid = ${pid} AND action = '${action}' AND ${own}`,
        CALLS,
      );
      // Tasks may be preempted in tracepoints of system calls, which then skip others, and count them.
      const skipped =
        tier === 'tracepoint' ? ((await watch.lossAtRest('socket')).recursion_misses ?? 0) : 0;
      assert.ok(
        rows.length <= CALLS && rows.length + skipped >= CALLS,
        `${action}: ${rows.length} rows, ${skipped} skipped`,
      );
      assert.equal(new Set(rows.map((row) => row.port)).size, rows.length, action);
      assert.ok(rows.every((row) => row.status === 'succeeded'));
    }
  });
});

const ENDS = ['empty', 'client', 'server', 'in_progress', 'reset'];
const endOf = (name: string): string =>
  `${name}: what each end sent and received, and for how long`;
const ALL_ENDS = 'each connection ends once at each end, and the sum holds';
const ENDS_LEFT_OUT: LeftOut = Object.fromEntries(
  [...ENDS.map(endOf), ALL_ENDS].map((title) => [title, 'The end of a connection is no row']),
);

for (const family of ['4', '6']) {
  const title = `live: the ends of TCP connections over IPv${family}`;
  forEachProvider(title, ENDS_LEFT_OUT, (provider, it) => {
    let watch: Watch;
    let program: string;
    let pid: number;
    let cases: Readonly<Record<string, { readonly port: number; up: number; down: number }>>;

    before(async () => {
      watch = await Watch.start({ provider });
      program = watch.compile('tcp_volume');
      const done = await watch.run(program, family);
      assert.equal(done.code, 0);
      pid = done.pid;
      cases = JSON.parse(done.stdout);
    });
    after(() => watch?.stop());

    const ends = (port: 'local_port' | 'remote_port', number: number) =>
      watch.rows(
        `SELECT c.bytes, c.bytes_received, c.status, c.error, c.path, c.pid, c.duration_ns,
            c.boottime_ns - o.boottime_ns AS apart, o.action AS opened
          FROM socket_events c JOIN socket_events o USING (op_id)
          WHERE c.action = 'close' AND c.${port} = ${number}
            AND c.pid = ${pid} -- ports are given again
            AND o.action IN ('connect', 'accept') AND o.status <> 'in_progress'
          ORDER BY c.seq`,
        1,
      );

    for (const name of ENDS) {
      it(endOf(name), async () => {
        const { port, up, down } = cases[name] ?? assert.fail();
        const [client, ...more] = await ends('local_port', port);
        const [server, ...others] = await ends('remote_port', port);
        assert.deepEqual([...more, ...others], []);
        assert.deepEqual(
          [client, server].map((row) => [row?.opened, row?.bytes, row?.bytes_received]),
          [
            ['connect', up, down],
            ['accept', down, up],
          ],
        );
        for (const row of [client, server]) {
          assert.equal(row?.path, program);
          assert.equal(Number(row?.pid), pid);
          assert.ok(Number(row?.duration_ns) > 0);
          if (name !== 'in_progress') assert.equal(row?.apart, row?.duration_ns);
        }
        assert.equal(client?.error, 0);
        assert.equal(server?.error, name === 'reset' ? 104 : 0);
      });
    }

    it(ALL_ENDS, async () => {
      const sql = `SELECT fd FROM socket_events WHERE action = 'close' AND pid = ${pid}`;
      const expected = 2 * Object.keys(cases).length;
      const ended = (await watch.rows(sql, expected)).length;
      const loss = await watch.lossAtRest('socket');
      assert.equal(ended, expected, JSON.stringify(loss));
      assert.equal(loss.balance, 0);
      assert.equal(loss.stored, loss.seen);
    });
  });
}

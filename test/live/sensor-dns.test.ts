import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Watch } from '../helpers/watch.ts';
import type { Row } from '../helpers/weir-daemon.ts';

const UDP = 17;
const TCP = 6;

interface Facts {
  readonly ipv4: number;
  readonly ipv6: number;
  readonly noise: number;
  readonly server: number;
  readonly big: number;
}

describe('live: DNS', () => {
  let watch: Watch;
  let program: string;
  let facts: Facts;

  before(async () => {
    watch = await Watch.start();
    program = watch.compile('dns_life');
    const folder = join(watch.scratch, 'dns');
    mkdirSync(folder);
    const done = await watch.run(program, folder);
    assert.equal(done.code, 0);
    facts = JSON.parse(done.stdout);
  });
  after(() => watch?.stop());

  const dns = (where: string, atLeast: number): Promise<Row[]> =>
    watch.rows(`SELECT * FROM dns_events WHERE ${where} ORDER BY seq`, atLeast);

  for (const [version, server] of [
    ['ipv4', '127.0.0.1'],
    ['ipv6', '::1'],
  ] as const) {
    describe(`a server at ${server}`, () => {
      it('questions and answers are joined to who asked', async () => {
        const rows = await dns(`pid = ${facts[version]} AND query = 'alias.weir.test'`, 4);
        assert.deepEqual(rows.map((row) => [row.action, row.query_type, row.rcode]).sort(), [
          ['answer', 'A', 'NOERROR'],
          ['answer', 'AAAA', 'NOERROR'],
          ['question', 'A', null],
          ['question', 'AAAA', null],
        ]);
        for (const row of rows) {
          assert.equal(row.path, program);
          assert.equal(row.remote_address, server);
          assert.equal(Number(row.protocol), UDP);
          assert.equal(row.source, 'kernel');
          assert.equal(row.error, null);
        }
        const joined = `SELECT p.path FROM dns_events d JOIN process_seen p USING (exec_id)
          WHERE d.pid = ${facts[version]} AND d.query = 'alias.weir.test'`;
        assert.equal((await watch.rows(joined, 4)).length, 4);
      });

      it('answers are told in full', async () => {
        const where = `pid = ${facts[version]} AND query = 'ALIAS.weir.test' AND query_type = 'AAAA'`;
        const [row] = await dns(`${where} AND action = 'answer'`, 1);
        assert.deepEqual(JSON.parse(String(row?.answers)), [
          { name: 'alias.weir.test', type: 'CNAME', ttl: 60, data: 'real.weir.test' },
          { name: 'real.weir.test', type: 'AAAA', ttl: 300, data: '::1' },
        ]);
        assert.equal(Number(row?.ttl), 60);
        const [asked] = await watch.rows(
          `SELECT count(DISTINCT op_id) AS ops, count(*) AS n FROM dns_events WHERE ${where}`,
          1,
        );
        assert.deepEqual([Number(asked?.n), Number(asked?.ops)], [2, 1]);
      });

      it('a name that does not exist says so', async () => {
        const where = `pid = ${facts[version]} AND query = 'none.weir.test' AND action = 'answer'`;
        const rows = await dns(where, 2);
        assert.deepEqual(
          rows.map((row) => [row.rcode, row.answers, row.ttl]),
          [
            ['NXDOMAIN', null, null],
            ['NXDOMAIN', null, null],
          ],
        );
      });

      it('over TCP, in pieces and several to a connection', async () => {
        const where = `pid = ${facts[version]} AND query = 'big.weir.test' AND protocol = ${TCP}`;
        const rows = await dns(`${where} AND action = 'answer' AND query_type = 'A'`, 1);
        const answers = JSON.parse(String(rows[0]?.answers));
        assert.equal(answers.length, facts.big);
        assert.deepEqual(answers.at(-1), {
          name: 'big.weir.test',
          type: 'A',
          ttl: 300,
          data: `192.0.2.${facts.big - 1}`,
        });
        const questions = await dns(`${where} AND action = 'question' AND query_type = 'AAAA'`, 1);
        assert.equal(questions[0]?.error, null);
      });

      it('the connect that follows has the name', async () => {
        const sql = `SELECT remote_hostname, remote_address FROM socket_events
          WHERE pid = ${facts[version]} AND action = 'connect' AND remote_port = 8080
          AND protocol = ${TCP} ORDER BY seq`;
        const rows = await watch.rows(sql, 1);
        assert.deepEqual(
          new Set(rows.map((row) => row.remote_hostname)),
          new Set(['alias.weir.test']),
        );
      });
    });
  }

  it('what is no DNS is a row that says so', async () => {
    const rows = await dns(`pid = ${facts.noise}`, 3);
    assert.deepEqual(
      rows.map((row) => [row.action, row.query, row.error]),
      [
        ['question', null, 'broken question'],
        ['question', null, 'shorter than a header'],
        ['question', null, 'broken question'],
      ],
    );
  });

  it('the server’s own side is no question of the server', async () => {
    assert.deepEqual(await dns(`pid = ${facts.server}`, 0), []);
  });

  it('the sum holds, with nothing lost', async () => {
    const loss = await watch.lossAtRest('dns');
    assert.equal(loss.balance, 0);
    assert.equal(loss.pending, 0);
    // Pieces of messages count as part of the row that the last one makes.
    assert.equal((loss.stored ?? 0) + (loss.coalesced ?? 0), loss.seen);
  });
});

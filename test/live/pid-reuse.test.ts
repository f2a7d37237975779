import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Watch } from '../helpers/watch.ts';

const PROCESSES = 100_000;

describe('live: pids that come round', function () {
  this.timeout(600_000);
  let watch: Watch;
  let folder: string;
  let facts: { readonly even: number; readonly odd: number; readonly different: number };
  let root: number;

  before(async () => {
    watch = await Watch.start();
    folder = join(watch.scratch, 'reuse');
    mkdirSync(folder);
    // Without a dynamic loader a process takes a third of the time.
    const program = watch.compile('pid_reuse', '-static');
    const done = await watch.run(program, String(PROCESSES), folder);
    assert.equal(done.code, 0);
    facts = JSON.parse(done.stdout);
    root = done.pid;
    for (const name of ['process', 'lifecycle', 'file', 'socket', 'seen']) {
      await watch.lossAtRest(name);
    }
  });
  after(() => watch?.stop());

  const programs = () => [join(folder, 'even'), join(folder, 'odd')];

  it('the pids did come round, in the namespace and in rows', async () => {
    assert.ok(facts.different < PROCESSES / 3);
    const sql = `SELECT count(*) AS n, count(DISTINCT ns_pid) AS pids, count(DISTINCT process_id) AS ids
      FROM process_events WHERE path LIKE '${folder}/%'`;
    const [row] = await watch.rows(sql, 1);
    assert.equal(Number(row?.n), PROCESSES);
    assert.equal(Number(row?.ids), PROCESSES);
    assert.equal(Number(row?.pids), facts.different);
    assert.ok(root > 0);
  });

  it('every write is the right executable’s, by its row and by its join', async () => {
    for (const operation of ['open_write', 'close_write']) {
      const sql = `SELECT f.executable, f.path, count(*) AS n, count(p.path) AS joined,
          sum(p.path = f.executable) AS equal
        FROM process_file_events f LEFT JOIN process_events p USING (exec_id)
        WHERE f.operation = '${operation}' AND f.path LIKE '${folder}/%.out'
          AND f.executable LIKE '${folder}/%'
        GROUP BY f.executable, f.path ORDER BY f.path`;
      const rows = await watch.rows(sql, 2);
      assert.deepEqual(
        rows.map((row) => [row.executable, row.path, row.n, row.joined, row.equal]),
        programs().map((path) => {
          const half = PROCESSES / 2;
          return [path, `${path}.out`, half, half, half];
        }),
        operation,
      );
    }
  });

  it('every datagram, too', async () => {
    const sql = `SELECT s.path, s.remote_port, count(*) AS n, sum(p.path = s.path) AS equal
      FROM socket_events s LEFT JOIN process_events p USING (exec_id)
      WHERE s.action = 'send' GROUP BY s.path, s.remote_port ORDER BY s.path`;
    const [even, odd] = programs();
    const half = PROCESSES / 2;
    assert.deepEqual(
      (await watch.rows(sql, 2)).map((row) => [row.path, row.remote_port, row.n, row.equal]),
      [
        [even, facts.even, half, half],
        [odd, facts.odd, half, half],
      ],
    );
  });

  it('loses nothing, and the sum holds', async () => {
    for (const name of ['process', 'lifecycle', 'file', 'socket']) {
      const loss = await watch.lossAtRest(name);
      assert.equal(loss.balance, 0, name);
      assert.equal(loss.stored, loss.seen, name);
    }
  });
});

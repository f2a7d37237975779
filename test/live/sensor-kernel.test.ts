import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { comparable, type SaidRow, said, saidQuery } from '../helpers/said.ts';
import { Watch } from '../helpers/watch.ts';

/** Each workload prints the rows that it must leave: all of a table's rows, in order. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  rights: ['credential_events', 'namespace_events'],
  others: ['ptrace_events', 'signal_events'],
  mounts: ['mount_events'],
  code: ['memory_events', 'exec_failed_events', 'bpf_load_events', 'process_events'],
  rings: ['io_uring_events'],
};

describe('live: rights, reach, other processes and the kernel', () => {
  let watch: Watch;

  before(async () => {
    watch = await Watch.start();
    // Some of what the workloads do they do as another user.
    chmodSync(watch.scratch, 0o755);
  });
  after(() => watch?.stop());

  for (const [workload, tables] of Object.entries(TABLES)) {
    it(`${workload}.c: ${tables.join(', ')}`, async () => {
      const program = watch.compile(workload);
      const folder = join(watch.scratch, `${workload}-folder`);
      mkdirSync(folder);
      const done = await watch.run(program, folder);
      assert.equal(done.code, 0, done.stdout);
      const rows = said(done.stdout);
      for (const table of tables) {
        assert.ok(rows.has(table), table);
        await assertRows(watch, table, rows.get(table) ?? [], done.pid);
      }
    });
  }

  it('names the target of a signal', async () => {
    const sql = `SELECT target_path, target_exec_id, p.exec_id FROM signal_events s
      JOIN process_seen p ON p.exec_id = s.target_exec_id
      WHERE signal = 9 AND outcome = 'delivered' AND target_path LIKE '%/others'`;
    const rows = await watch.rows(sql, 2);
    assert.equal(rows.length, 2);
  });

  it('shows all of it in kernel_events', async () => {
    const [row] = await watch.rows(
      `SELECT (SELECT count(*) FROM kernel_events) AS whole,
        (SELECT count(*) FROM exec_failed_events) + (SELECT count(*) FROM credential_events)
        + (SELECT count(*) FROM ptrace_events) + (SELECT count(*) FROM signal_events)
        + (SELECT count(*) FROM module_events) + (SELECT count(*) FROM bpf_load_events)
        + (SELECT count(*) FROM mount_events) + (SELECT count(*) FROM namespace_events)
        + (SELECT count(*) FROM memory_events) + (SELECT count(*) FROM io_uring_events) AS parts`,
      1,
    );
    assert.ok(Number(row?.whole) > 50);
    assert.equal(row?.parts, row?.whole);
  });

  it('bounds a storm, and counts what it leaves out', async () => {
    const before = await watch.lossAtRest('kernel');
    const storm = 'i=0; while [ $i -lt 1000 ]; do kill -URG $1; i=$((i+1)); done';
    const { code } = await watch.run('/bin/bash', '-c', storm, 'bash', String(process.pid));
    assert.equal(code, 0);
    const loss = await watch.lossAtRest('kernel');
    assert.ok(Number(loss.rate_limited) > 0);
    const told = await watch.daemon.query(
      'SELECT action, count(*) AS n FROM kernel_events GROUP BY action',
    );
    const facts = JSON.stringify({ before, loss, told });
    assert.equal(Number(loss.seen) - Number(before.seen), 1000, facts);
  });

  it('loses nothing, and the sum holds', async () => {
    const loss = await watch.lossAtRest('kernel');
    assert.equal(loss.balance, 0);
    assert.equal(loss.pending, 0);
    assert.equal(loss.stored, Number(loss.seen) - Number(loss.rate_limited));
  });
});

async function assertRows(
  watch: Watch,
  table: string,
  expected: readonly SaidRow[],
  leader: number,
): Promise<void> {
  // Of programs only those that the workload started: its own start is not its doing.
  const where = table === 'process_events' ? `parent = ${leader}` : 'true';
  const rows = await watch.rows(saidQuery(table, where), expected.length);
  assert.deepEqual(comparable(rows, expected), expected, table);
}

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDERS } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';

/** Without eBPF an image is read from /proc: it has to live as long as that takes. */
const PROGRAMS = {
  ebpf: { path: '/usr/bin/id', cmdline: '/usr/bin/id', syscall: 'execve', source: 'kernel' },
  netlink: {
    path: '/usr/bin/sleep',
    cmdline: '/usr/bin/sleep 0.3',
    syscall: null,
    source: 'proc',
  },
} as const;

/** A script that takes a while; its text is an argument with spaces. */
const HOSTILE = 'sleep 0.1; exit 0';

for (const provider of PROVIDERS) {
  describe(`live: processes with ${provider}`, () => {
    const program = PROGRAMS[provider];
    let watch: Watch;
    let shell: number;

    before(async () => {
      watch = await Watch.start({ provider });
      const loop = `for i in $(seq 23); do ${program.cmdline}; done; exit 7`;
      shell = (await watch.run('/bin/sh', '-c', loop)).pid;
    });
    after(() => watch?.stop());

    it('23 execs are 23 rows', async () => {
      const sql = `SELECT * FROM process_events WHERE path = '${program.path}' AND parent = ${shell}`;
      const rows = await watch.rows(sql, 23);
      assert.equal(rows.length, 23);
      assert.equal(new Set(rows.map((row) => row.pid)).size, 23);
      assert.equal(new Set(rows.map((row) => row.exec_id)).size, 23);
      for (const row of rows) {
        assert.equal(row.cmdline, program.cmdline);
        assert.equal(row.syscall, program.syscall);
        assert.equal(Number(row.uid), 0);
        assert.equal(row.source, program.source);
        assert.match(String(row.parent_path), /sh$/);
      }
    });

    it('every fork and every exit is a row, with the exit code', async () => {
      // seq is one more child of the shell, in a subshell or not as the shell likes.
      const sql = 'SELECT action, pid, exit_code, exit_signal FROM process_lifecycle_events';
      const exits = await watch.rows(`${sql} WHERE action = 'exit' AND pid = ${shell}`, 1);
      assert.equal(exits.length, 1);
      assert.equal(Number(exits[0]?.exit_code), 7);
      assert.equal(exits[0]?.exit_signal, null);

      const ids = `SELECT pid FROM process_events WHERE path = '${program.path}'`;
      for (const action of ['fork', 'exit']) {
        const rows = await watch.rows(`${sql} WHERE action = '${action}' AND pid IN (${ids})`, 23);
        assert.equal(rows.length, 23, action);
      }
    });

    it('death by signal says which', async () => {
      // Long enough to be met: without eBPF a process that is gone at once may not be known.
      const { pid } = await watch.run('/bin/sh', '-c', 'sleep 0.3; kill -USR1 $$');
      const sql = `SELECT exit_code, exit_signal FROM process_lifecycle_events
      WHERE action = 'exit' AND pid = ${pid}`;
      const [row] = await watch.rows(sql, 1);
      assert.equal(row?.exit_code, null);
      assert.equal(Number(row?.exit_signal), 10);
    });

    it('process_seen has one row per image, so that joins neither miss nor double', async () => {
      const sql = `SELECT e.exec_id FROM process_events e JOIN process_seen s USING (exec_id)
      WHERE e.path = '${program.path}' AND e.parent = ${shell}`;
      const rows = await watch.rows(sql, 23);
      assert.equal(rows.length, 23);
      const twice = 'SELECT exec_id FROM process_seen GROUP BY exec_id HAVING count(*) > 1';
      assert.deepEqual(await watch.daemon.query(twice), []);
    });

    it('tells script, interpreter and arguments apart, hostile bytes included', async () => {
      const file = join(watch.scratch, 'two\nlines');
      copyFileSync('/bin/sh', file);
      const { pid } = await watch.run(file, '-c', HOSTILE, '', 'c"\n');
      const sql = `SELECT path, cmdline, json_cmdline FROM process_events
      WHERE pid = ${pid} AND path LIKE '%lines'`;
      const [row] = await watch.rows(sql, 1);
      assert.equal(row?.path, file);
      assert.deepEqual(JSON.parse(String(row?.json_cmdline)), [file, '-c', HOSTILE, '', 'c"\n']);
      assert.equal(row?.cmdline, `${file} -c ${HOSTILE}  c"\n`);
    });

    it('loses nothing, and the sum holds', async () => {
      for (const name of ['process', 'lifecycle']) {
        const loss = await watch.lossAtRest(name);
        assert.equal(loss.balance, 0, name);
        assert.equal(loss.pending, 0, name);
        // Without eBPF a process may be seen before it is known to be outside of the cgroup.
        const outside = provider === 'netlink' ? Number(loss.excluded_kernel) : 0;
        assert.equal(Number(loss.stored) + outside, loss.seen, name);
      }
    });
  });
}

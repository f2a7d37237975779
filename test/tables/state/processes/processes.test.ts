import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processes } from '../../../../src/tables/state/processes/processes.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const STATUS = `Name:\tname) S
Umask:\t0022
State:\tS (sleeping)
Uid:\t1000\t1001\t1002\t1003
Gid:\t100\t101\t102\t103
VmSize:\t    2048 kB
VmRSS:\t    1024 kB
`;
const STAT = `7 (name) S) S 1 7 7 0 -1 4194560 1 0 0 0 250 150 0 0 20 -5 3 0 12345 2097152 256 184 1 1 0`;

describe('tables: processes', () => {
  const scratch = makeScratch();
  after(() => removeScratch(scratch));

  describe('of files', () => {
    const root = join(scratch, 'root');
    let set: TableSet;

    before(() => {
      writeTree(root, {
        '/proc/stat': 'cpu 1 2 3\nbtime 1700000000\n',
        '/proc/7/stat': STAT,
        '/proc/7/status': STATUS,
        '/proc/7/cmdline': 'name\0--flag\0with blank\0',
        '/proc/7/io':
          'rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1024\n',
        '/proc/7/cgroup': '0::/system.slice/a:b.service\n',
        '/proc/7/exe': { link: '/usr/bin/gone (deleted)' },
        '/proc/7/cwd': { link: '/tmp' },
        '/proc/7/root': { link: '/' },
        '/proc/8/stat': `8 (odd) I 2 0 0 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 5 0 0`,
        '/proc/8/cmdline': Buffer.from([0x61, 0xff, 0]),
        '/proc/9/status': 'it has ended',
      });
      set = openTables([processes], root);
    });
    after(() => set.close());

    it('every column', () => {
      const [row] = set.all('SELECT * FROM processes WHERE pid = 7');
      assert.deepEqual(row, {
        pid: 7,
        name: 'name) S',
        path: '/usr/bin/gone',
        cmdline: 'name --flag with blank',
        state: 'S',
        cwd: '/tmp',
        root: '/',
        uid: 1000,
        gid: 100,
        euid: 1001,
        egid: 101,
        suid: 1002,
        sgid: 102,
        on_disk: 0,
        wired_size: 0,
        resident_size: 1024 * 1024,
        total_size: 2048 * 1024,
        user_time: 2500,
        system_time: 1500,
        disk_bytes_read: 4096,
        disk_bytes_written: 7168,
        start_time: 1700000123,
        parent: 1,
        pgroup: 7,
        threads: 3,
        nice: -5,
        cgroup_path: '/system.slice/a:b.service',
      });
    });

    it('a kernel thread has no memory; a command line need not be UTF-8', () => {
      const sql = `SELECT path, on_disk, resident_size, disk_bytes_read, hex(cmdline) AS c
        FROM processes WHERE pid = 8`;
      assert.deepEqual(set.all(sql), [
        { path: '', on_disk: -1, resident_size: null, disk_bytes_read: null, c: '61FF20' },
      ]);
    });

    it('those that have ended are left out, and nothing is warned about', () => {
      assert.deepEqual(
        set.all('SELECT pid FROM processes').map(({ pid }) => pid),
        [7, 8],
      );
      assert.deepEqual(set.all('SELECT pid FROM processes WHERE pid IN (9, 10, -1)'), []);
      assert.deepEqual(set.warnings(), []);
    });
  });

  describe('of this host', () => {
    let set: TableSet;

    before(() => {
      set = openTables([processes]);
    });
    after(() => set.close());

    it('as ps sees them', () => {
      const fields = 'pid=,ppid=,uid=,euid=,gid=,egid=,nlwp=,nice=,pgid=,rss=,vsz=,comm=';
      const pids = [process.pid, process.ppid];
      const { stdout } = spawnSync('ps', ['-o', fields, '-p', pids.join()], { encoding: 'utf8' });
      const lines = stdout.trim().split('\n');
      assert.equal(lines.length, 2);
      for (const line of lines) {
        const [pid, ppid, uid, euid, gid, egid, , nice, pgid, , , ...comm] = line
          .trim()
          .split(/\s+/);
        const [row] = set.all('SELECT * FROM processes WHERE pid = ?', pid);
        assert.ok(row);
        const { parent, name, pgroup } = row;
        assert.deepEqual(
          [row.pid, parent, row.uid, row.euid, row.gid, row.egid, row.nice, pgroup].map(String),
          [pid, ppid, uid, euid, gid, egid, nice, pgid],
        );
        assert.equal(name, comm.join(' '));
      }
    });

    it('an executable that was deleted, and one whose name says so', async () => {
      for (const [name, remove, onDisk] of [
        ['sleeper', true, 0],
        ['sleeper (deleted)', false, 1],
      ] as const) {
        const program = join(scratch, name);
        copyFileSync('/bin/sleep', program);
        const child = spawn(program, ['60'], { stdio: 'ignore' });
        await new Promise((resolve) => child.once('spawn', resolve));
        if (remove) rmSync(program);
        const [row] = set.all('SELECT path, on_disk FROM processes WHERE pid = ?', child.pid);
        child.kill('SIGKILL');
        assert.deepEqual(row, { path: program, on_disk: onDisk });
      }
    });

    it('pids that were asked for, in any form', () => {
      const sql = 'SELECT pid FROM processes WHERE pid';
      assert.equal(set.all(`${sql} = ?`, String(process.pid)).length, 1);
      assert.equal(set.all(`${sql} IN (?, ?, 'x')`, process.pid, process.ppid).length, 2);
      assert.equal(set.all(`${sql} = 'x'`).length, 0);
      assert.ok(set.all(`${sql} > 0`).some(({ pid }) => pid === process.pid));
    });
  });
});

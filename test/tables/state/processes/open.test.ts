import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe('tables: what processes have open', () => {
  const scratch = makeScratch();
  let set: TableSet;

  before(() => {
    set = openTables(findStateTables('processes'));
  });
  after(() => {
    set.close();
    removeScratch(scratch);
  });

  it('process_open_files, also those without a name any more', () => {
    const path = join(scratch, 'open');
    writeFileSync(path, '');
    const fd = openSync(path, 'r');
    const sql = 'SELECT fd, path FROM process_open_files WHERE pid = ? AND path LIKE ?';
    assert.deepEqual(set.all(sql, process.pid, `${scratch}%`), [{ fd, path }]);
    rmSync(path);
    assert.deepEqual(set.all(sql, process.pid, `${scratch}%`), [{ fd, path: `${path} (deleted)` }]);
    closeSync(fd);
    assert.deepEqual(set.all(sql, process.pid, `${scratch}%`), []);
  });

  it('process_open_files, as lsof lists them', async () => {
    const odd = join(scratch, 'with blanks, é and \n');
    writeFileSync(odd, '');
    const script = `exec 7<'${scratch}' 8>>'${odd}' 9</dev/zero; echo ready; read line`;
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const args = ['-w', '-p', String(child.pid), '-a', '-d', '0-99', '-F0ftn'];
    const { stdout } = spawnSync('lsof', args, { encoding: 'utf8' });
    const rows = set.all('SELECT fd, path FROM process_open_files WHERE pid = ?', child.pid);
    child.kill('SIGKILL');
    const listed = stdout
      .split('\n')
      .map((line) => new Map(line.split('\0').map((field) => [field[0], field.slice(1)])))
      .filter((file) => /^(?:REG|DIR|CHR)$/.test(file.get('t') ?? ''))
      // lsof escapes what is not ASCII.
      .map(
        (file) =>
          `${file.get('f')} ${file.get('n')?.replaceAll('\\xc3\\xa9', 'é').replaceAll('\\n', '\n')}`,
      );
    assert.deepEqual(rows.map(({ fd, path }) => `${fd} ${path}`).sort(), listed.sort());
    assert.ok(listed.includes(`8 ${odd}`) && listed.includes('9 /dev/zero'), stdout);
  });

  it('process_open_pipes: both ends of a pipe, and of a named one', async () => {
    assert.equal(spawnSync('mkfifo', [join(scratch, 'fifo')]).status, 0);
    const script = `exec 9<>${scratch}/fifo; echo ready; read line`;
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const sql = `SELECT fd, mode, type, partner_pid, partner_mode FROM process_open_pipes
      WHERE pid = ? AND (type = 'named' OR partner_pid = ?)`;
    const reader = spawn('/bin/sh', ['-c', `read x < ${scratch}/fifo`], { stdio: 'ignore' });
    const rows = await eventually(
      () => set.all(sql, child.pid, process.pid),
      (found) => found.some(({ type, partner_pid }) => type === 'named' && partner_pid !== null),
    );
    child.kill('SIGKILL');
    reader.kill('SIGKILL');
    const named = rows.filter(({ type }) => type === 'named');
    assert.deepEqual(named, [
      { fd: 9, mode: 'rw', type: 'named', partner_pid: reader.pid, partner_mode: 'r' },
    ]);
  });

  it('process_envs', async () => {
    const env = { ONE: '1', TWO: 'a=b', EMPTY: '' };
    const child = spawn('/bin/sleep', ['60'], { env, stdio: 'ignore' });
    await once(child, 'spawn');
    const rows = set.all('SELECT key, value FROM process_envs WHERE pid = ?', child.pid);
    child.kill('SIGKILL');
    assert.deepEqual(Object.fromEntries(rows.map(({ key, value }) => [key, value])), env);
  });

  it('process_memory_map, as the file has it', () => {
    const rows = set.all('SELECT * FROM process_memory_map WHERE pid = ?', process.ppid);
    const lines = readFileSync(`/proc/${process.ppid}/maps`, 'utf8').trim().split('\n');
    assert.ok(Math.abs(rows.length - lines.length) < 20);
    const stack = rows.find(({ path }) => path === '[stack]');
    assert.deepEqual([stack?.permissions, stack?.pseudo, stack?.inode], ['rw-p', 1, 0]);
    const mapped = rows.find(({ path }) => String(path).startsWith('/'));
    assert.equal(mapped?.pseudo, 0);
    assert.match(String(mapped?.start), /^0x[0-9a-f]+$/);
  });

  it('process_namespaces, as lsns and the links have them', () => {
    const [row] = set.all('SELECT * FROM process_namespaces WHERE pid = ?', process.pid);
    for (const kind of ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']) {
      const { stdout } = spawnSync('readlink', [`/proc/self/ns/${kind}`], { encoding: 'utf8' });
      assert.equal(`${kind}:[${row?.[`${kind}_namespace`]}]`, stdout.trim());
    }
  });

  describe('sockets', () => {
    const servers: Server[] = [];
    const listen = async (options: object): Promise<Server> => {
      const server = createServer();
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(options, resolve));
      return server;
    };
    after(() => {
      for (const server of servers) server.close();
    });

    it('listening_ports and process_open_sockets, as ss sees them', async () => {
      const v4 = await listen({ host: '127.0.0.1', port: 0 });
      const v6 = await listen({ host: '::1', port: 0 });
      const path = join(scratch, 'a socket with blanks');
      await listen({ path });
      const { stdout } = spawnSync('ss', ['-tlnpHe'], { encoding: 'utf8' });
      for (const [server, family, address] of [
        [v4, 2, '127.0.0.1'],
        [v6, 10, '::1'],
      ] as const) {
        const { port } = server.address() as { port: number };
        const sql = 'SELECT * FROM listening_ports WHERE pid = ? AND port = ?';
        const [row] = set.all(sql, process.pid, port);
        assert.deepEqual(
          [row?.address, row?.family, row?.protocol, row?.path],
          [address, family, 6, ''],
        );
        const line = stdout.split('\n').find((each) => each.includes(`:${port} `)) ?? '';
        assert.match(line, new RegExp(`fd=${row?.fd}\\b.* ino:${row?.socket} `));
        const states = `SELECT state FROM process_open_sockets WHERE pid = ? AND local_port = ?`;
        assert.deepEqual(set.all(states, process.pid, port), [{ state: 'LISTEN' }]);
      }
      const unix = 'SELECT family, port FROM listening_ports WHERE pid = ? AND path = ?';
      assert.deepEqual(set.all(unix, process.pid, path), [{ family: 1, port: 0 }]);
    });

    it('a socket that two processes have is two rows, whatever is asked', async () => {
      const script = `
        const server = require('net').createServer().listen(0, '127.0.0.1', () => {
          const child = require('child_process').spawn('/bin/sleep', ['60'],
            { stdio: ['ignore', server._handle.fd, 'ignore'] });
          child.once('spawn', () => console.log(JSON.stringify([server.address().port, child.pid])));
        });`;
      const holder = spawn(process.execPath, ['-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [data] = await once(holder.stdout, 'data');
      const [port, child] = JSON.parse(String(data)) as [number, number];
      const sql = 'SELECT DISTINCT pid FROM process_open_sockets WHERE local_port = ?';
      const all = set.all(sql, port).map(({ pid }) => pid);
      const one = set.all(`${sql} AND pid = ?`, port, child);
      const joined = set.all(
        'SELECT DISTINCT p.pid FROM processes p JOIN process_open_sockets s USING (pid) WHERE s.local_port = ?',
        port,
      );
      process.kill(child, 'SIGKILL');
      holder.kill('SIGKILL');
      assert.deepEqual(all.sort(), [child, holder.pid].sort());
      assert.deepEqual(one, [{ pid: child }]);
      assert.equal(joined.length, 2);
    });

    it('addresses, states and lines as the kernel writes them', () => {
      const root = join(scratch, 'root');
      const line = (local: string, remote: string, state: string, inode: number): string =>
        `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0`;
      writeTree(root, {
        '/proc/5/ns/net': { link: 'net:[4026531840]' },
        '/proc/5/fd/3': { link: 'socket:[101]' },
        '/proc/5/net/tcp': `  sl\n${line('0100007F:1F90', '0A00000A:01BB', '01', 101)}\n${line('00000000:0016', '00000000:0000', '0A', 102)}\n`,
        '/proc/5/net/tcp6': `  sl\n${line('0000000000000000FFFF00000100007F:0050', '00000000000000000000000000000000:0000', '0A', 103)}\n${line('B80D0120000000000000000001000000:0050', '00000000000000000000000000000000:0000', '07', 104)}\n`,
        '/proc/5/net/unix':
          'Num       RefCount Protocol Flags    Type St Inode Path\n0000000000000000: 00000002 00000000 00010000 0001 01 105 @abstract name\n0000000000000000: 00000002 00000000 00000000 0002 01 106\n',
        '/proc/5/net/packet':
          'sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n0000000000000000 3      3    0003   2     1 0      0      107\n',
      });
      const fixture = openTables(findStateTables('processes'), root);
      const sql = `SELECT pid || ' ' || fd || ' ' || socket || ' ' || family || ' ' || protocol || ' '
        || local_address || ' ' || local_port || ' ' || remote_address || ' ' || remote_port || ' '
        || path || ' ' || state || ' ' || net_namespace AS line FROM process_open_sockets`;
      const lines = fixture.all(sql).map((row) => row.line);
      const listening = fixture.all('SELECT socket FROM listening_ports').map((row) => row.socket);
      fixture.close();
      assert.deepEqual(lines, [
        '5 3 101 2 6 127.0.0.1 8080 10.0.0.10 443  ESTABLISHED 4026531840',
        '-1 -1 102 2 6 0.0.0.0 22 0.0.0.0 0  LISTEN 4026531840',
        '-1 -1 103 10 6 ::ffff:127.0.0.1 80 :: 0  LISTEN 4026531840',
        '-1 -1 104 10 6 2001:db8::1 80 :: 0  CLOSED 4026531840',
        '-1 -1 105 1 0  0  0 @abstract name  4026531840',
        '-1 -1 106 1 0  0  0   4026531840',
        '-1 -1 107 17 3  0  0   4026531840',
      ]);
      assert.deepEqual(listening, [102, 103, 104, 105, 107]);
    });
  });
});

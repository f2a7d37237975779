import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { forEachProvider, type LeftOut } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';

const RACES = 40;

/** Without eBPF an image is read from /proc: it has to live as long as that takes. */
const STARTED = {
  ebpf: { path: '/usr/bin/true', name: 'true', source: 'kernel', seconds: [] },
  netlink: { path: '/usr/bin/sleep', name: 'sleep', source: 'proc', seconds: ['0.2'] },
} as const;

const KINDS_LEFT_OUT: LeftOut = {
  'what ran is told, not what the caller’s memory says by then':
    'a process that has ended by then is a row with `source` = `netlink` and without path',
};

forEachProvider('live: what makes processes hard to tell', KINDS_LEFT_OUT, (provider, it) => {
  const started = STARTED[provider];
  /** Without eBPF nobody knows what the call was, and what it was asked. */
  const asked = (value: string) => (provider === 'ebpf' ? value : null);
  const cmdline = (mark: string) => `${started.name} ${started.seconds[0] ?? mark}`;
  let watch: Watch;
  let program: string;
  let folder: string;
  let own: number;
  let pids: Readonly<Record<string, number>>;

  before(async () => {
    watch = await Watch.start({ provider });
    program = watch.compile('process_kinds');
    folder = join(watch.scratch, 'kinds');
    mkdirSync(folder);
    const done = await watch.run(program, folder, ...started.seconds);
    assert.equal(done.code, 0);
    own = done.pid;
    pids = JSON.parse(done.stdout);
  });
  after(() => watch?.stop());

  const pid = (name: string): number => pids[name] ?? assert.fail(name);

  /** The only exec of a child. */
  async function exec(name: string) {
    const rows = await watch.rows(
      `SELECT * FROM process_events WHERE pid = ${pid(name)} ORDER BY seq`,
      1,
    );
    assert.equal(rows.length, 1, name);
    return rows[0] as NonNullable<(typeof rows)[0]>;
  }

  async function fork(name: string) {
    const sql = `SELECT * FROM process_lifecycle_events WHERE pid = ${pid(name)} AND action = 'fork'`;
    const rows = await watch.rows(sql, 1);
    assert.equal(rows.length, 1, name);
    return rows[0] as NonNullable<(typeof rows)[0]>;
  }

  it('a vforked child is a process of its own from its fork on', async () => {
    const [forked, executed] = [await fork('vfork'), await exec('vfork')];
    assert.equal(forked.path, program);
    assert.equal(executed.path, started.path);
    assert.equal(executed.process_id, forked.process_id);
    assert.notEqual(executed.exec_id, forked.exec_id);
    assert.ok(BigInt(forked.ntime ?? 0) < BigInt(executed.ntime ?? 0));
  });

  it('CLONE_PARENT: the parent is the creator’s, as the kernel has it', async () => {
    const [forked, executed] = [await fork('clone_parent'), await exec('clone_parent')];
    assert.equal(Number(forked.parent), own);
    assert.equal(Number(executed.parent), own);
    assert.equal(executed.parent_path, program);
    const creator = await fork('creator');
    assert.notEqual(forked.parent_process_id, creator.process_id);
    assert.equal(forked.parent_process_id, creator.parent_process_id);
  });

  it('pid namespace: the host’s pid, and the pid as the process sees it', async () => {
    const sql = 'SELECT ns_pid, pid_ns FROM process_events WHERE pid = ';
    const [inside] = await watch.rows(sql + pid('pid_namespace'), 1);
    const [outside] = await watch.rows(sql + pid('vfork'), 1);
    assert.equal(Number(inside?.ns_pid), 1);
    assert.equal(Number(outside?.ns_pid), pid('vfork'));
    assert.notEqual(inside?.pid_ns, outside?.pid_ns);
  });

  it('setsid: the session is the process’s own', async () => {
    const sql = `SELECT session_id, pgid FROM process_events WHERE pid = `;
    const [leader] = await watch.rows(sql + pid('setsid'), 1);
    assert.equal(Number(leader?.session_id), pid('setsid'));
    assert.equal(Number(leader?.pgid), pid('setsid'));
    const [member] = await watch.rows(sql + pid('vfork'), 1);
    assert.notEqual(Number(member?.session_id), pid('vfork'));
  });

  it('chroot behind a bind mount: the path as the mount namespace has it, the same inode', async () => {
    const columns = 'path, cwd, filename, mnt_ns, dev, inode';
    const sql = `SELECT ${columns} FROM process_events WHERE pid = `;
    const [inside] = await watch.rows(sql + pid('chroot'), 1);
    const [outside] = await watch.rows(sql + pid('vfork'), 1);
    assert.equal(inside?.path, join(folder, 'root', started.path));
    assert.equal(inside?.cwd, join(folder, 'root/usr'));
    assert.equal(inside?.filename, asked(`/bin/${started.name}`));
    assert.notEqual(inside?.mnt_ns, outside?.mnt_ns);
    assert.equal(inside?.inode, outside?.inode);
    assert.equal(inside?.dev, outside?.dev);
  });

  it('a file without a name: memfd, and one that was removed', async () => {
    const sql = `SELECT path, filename, nlink, syscall, cmdline FROM process_events WHERE pid = `;
    const [memory] = await watch.rows(sql + pid('memfd'), 1);
    assert.equal(memory?.path, '/memfd:weir-memory');
    assert.equal(Number(memory?.nlink), 0);
    assert.equal(memory?.syscall, asked('execveat'));
    assert.equal(memory?.cmdline, cmdline('memfd'));
    const [gone] = await watch.rows(sql + pid('deleted'), 1);
    assert.equal(gone?.path, join(folder, 'gone'));
    assert.equal(Number(gone?.nlink), 0);
  });

  it('a leader that ends before its thread is one exit, with the thread’s code', async () => {
    const sql = `SELECT exit_code FROM process_lifecycle_events
      WHERE action = 'exit' AND pid = ${pid('leader_first')}`;
    const rows = await watch.rows(sql, 1);
    assert.deepEqual(
      rows.map((row) => Number(row.exit_code)),
      [23],
    );
  });

  it('what ran is told, not what the caller’s memory says by then', async () => {
    const { code, stdout } = await watch.run(watch.compile('exec_race'), String(RACES));
    assert.equal(code, 0);
    const ran: readonly (readonly [number, number])[] = JSON.parse(stdout);
    assert.equal(ran.length, RACES);
    const list = ran.map(([child]) => child).join();
    const rows = await watch.rows(
      `SELECT pid, path, filename, source FROM process_events WHERE pid IN (${list})`,
      RACES,
    );
    const byPid = new Map(rows.map((row) => [Number(row.pid), row]));
    for (const [child, failed] of ran) {
      const row = byPid.get(child);
      assert.equal(row?.path, failed ? '/usr/bin/false' : started.path);
      assert.equal(row?.filename, failed ? '/bin/false' : '/bin/true');
      assert.equal(row?.source, started.source);
    }
  });
});

const WAYS_LEFT_OUT: LeftOut = {
  'by a script: executable, script, and what was typed apart':
    '`syscall`, `filename`, `script`, `interpreter` and `clone_flags` are never known',
  'by a script that lies in memory alone: its own name, not that of a descriptor':
    '`syscall`, `filename`, `script`, `interpreter` and `clone_flags` are never known',
};

forEachProvider('live: ways to start a program', WAYS_LEFT_OUT, (provider, it) => {
  const started = STARTED[provider];
  const cmdline = (mark: string) => `${started.name} ${started.seconds[0] ?? mark}`;
  let watch: Watch;
  let pids: Readonly<Record<string, number>>;

  before(async () => {
    watch = await Watch.start({ provider });
    const done = await watch.run(watch.compile('exec_kinds'), watch.scratch, ...started.seconds);
    assert.equal(done.code, 0);
    pids = JSON.parse(done.stdout);
  });
  after(() => watch?.stop());

  const row = async (name: string) => {
    const sql = `SELECT * FROM process_events WHERE pid = ${pids[name]}`;
    const rows = await watch.rows(sql, 1);
    assert.equal(rows.length, 1, name);
    return rows[0];
  };

  it('by descriptor: the file’s path, and what execveat was asked', async () => {
    const executed = await row('descriptor');
    assert.equal(executed?.path, started.path);
    assert.equal(executed?.syscall, provider === 'ebpf' ? 'execveat' : null);
    assert.equal(executed?.cmdline, cmdline('descriptor'));
  });

  it('by a thread: the process goes on under its own pid, once', async () => {
    const executed = await row('thread');
    assert.equal(executed?.path, started.path);
    assert.equal(executed?.cmdline, cmdline('thread'));
    const sql = `SELECT action FROM process_lifecycle_events WHERE pid = ${pids.thread} ORDER BY seq`;
    const rows = await watch.rows(sql, 2);
    assert.deepEqual(
      rows.map((r) => r.action),
      ['fork', 'exit'],
    );
  });

  it('by a script: executable, script, and what was typed apart', async () => {
    const sql = `SELECT path, script, filename, interpreter, json_cmdline FROM process_events
      WHERE pid = ${pids.script}`;
    const [executed] = await watch.rows(sql, 1);
    const script = join(watch.scratch, 'script');
    assert.equal(executed?.path, started.path);
    assert.equal(executed?.script, script);
    assert.equal(executed?.filename, script);
    assert.equal(executed?.interpreter, '/bin/true');
    assert.deepEqual(JSON.parse(String(executed?.json_cmdline)), [
      '/bin/true',
      'with an argument',
      script,
      'script',
    ]);
  });

  it('by a script that lies in memory alone: its own name, not that of a descriptor', async () => {
    const sql = `SELECT path, script, interpreter, syscall FROM process_events
      WHERE pid = ${pids.memory_script}`;
    const [executed] = await watch.rows(sql, 1);
    assert.deepEqual(executed, {
      path: started.path,
      script: '/memfd:weir-script',
      interpreter: '/bin/true',
      syscall: 'execveat',
    });
  });

  it('with arguments of 60,000 bytes: 32 KiB of them, their true size, and the mark', async () => {
    const sql = `SELECT length(cmdline) AS length, json_cmdline, cmdline_size, truncated
      FROM process_events WHERE pid = ${pids.long}`;
    const [executed] = await watch.rows(sql, 1);
    assert.equal(Number(executed?.length), 32_768);
    const { name, seconds } = started;
    assert.equal(Number(executed?.cmdline_size), name.length + 1 + 60_000 + 1);
    assert.equal(executed?.truncated, 'cmdline,json_cmdline');
    const [first, argument] = JSON.parse(String(executed?.json_cmdline));
    assert.equal(first, name);
    const whole = provider === 'ebpf' ? 'x'.repeat(60_000) : seconds[0]?.padEnd(60_000, '0');
    assert.equal(argument, whole?.slice(0, 32_768 - name.length - 1));
  });
});

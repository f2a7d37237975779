import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../helpers/eventually.ts';
import { forEachProvider } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

const exec = promisify(execFile);

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Shown {
  readonly id: string;
  readonly decided_by: string;
  readonly status: string;
  readonly suppressed: number;
}

/** Long enough to be met: without eBPF a process that is gone at once may not be known. */
const STAY = 'sleep 0.5; :';

forEachProvider('live: exclusions', {}, (provider, it) => {
  let watch: Watch;

  before(async () => {
    const rule = { query: 'SELECT pid, path, cmdline, uid, mnt_ns FROM process_events' };
    const severity = { ...rule, severity: 'high', interval: 1 };
    watch = await Watch.start({ provider, schedule: { every_exec: severity } });
  });
  after(() => watch?.stop());
  // What a test that failed has left would be in the way of the others.
  afterEach(async () => {
    const { stdout } = await weir('list', '--json');
    const left = (JSON.parse(stdout) as Shown[]).filter(({ status }) => status === 'active');
    for (const { id } of left) await remove(id);
  });

  function weir(...args: readonly string[]): Promise<Said> {
    const all = [WEIR, 'exclusions', ...args, '--state-dir', watch.daemon.stateDir];
    return new Promise((resolve) =>
      execFile(process.execPath, all, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      ),
    );
  }

  async function add(...args: readonly string[]): Promise<Shown> {
    const { code, stdout, stderr } = await weir('add', ...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Shown;
  }

  async function remove(id: string): Promise<void> {
    const { code, stderr } = await weir('remove', id);
    assert.equal(code, 0, stderr);
  }

  async function shown(id: string): Promise<Shown> {
    const { stdout } = await weir('list', '--json');
    return (JSON.parse(stdout) as Shown[]).find((each) => each.id === id) as Shown;
  }

  let made = 0;

  const touch = (path: string) => watch.run('/bin/sh', '-c', `: > ${path}; ${STAY}`);

  /** Does it, and says how many rows of the table have the mark; a marker event comes after. */
  async function rowsOf(
    table: string,
    where: string,
    act: () => Promise<unknown>,
  ): Promise<number> {
    await act();
    const marker = `marker-${made++}`;
    await touch(`${watch.scratch}/${marker}`);
    await watch.rows(`SELECT 1 FROM process_file_events WHERE path LIKE '%/${marker}'`, 1);
    await watch.lossAtRest('process');
    await watch.lossAtRest('socket');
    return Number(await watch.daemon.value(`SELECT count(*) FROM ${table} WHERE ${where}`));
  }

  it('leave out from now on, count, and end when they are removed', async () => {
    const folder = join(watch.scratch, 'cache');
    await watch.run('/bin/mkdir', '-p', folder);
    const files = (name: string) =>
      rowsOf('process_file_events', `path = '${folder}/${name}'`, () => touch(`${folder}/${name}`));
    assert.notEqual(await files('a'), 0);
    const { id, decided_by } = await add('--path', `${folder}/`, '--reason', 'noise');
    assert.equal(decided_by, 'kernel, stream');
    assert.equal(await files('b'), 0);
    assert.ok((await shown(id)).suppressed >= 2, 'created, and closed');
    const twice = await weir('add', '--path', `${folder}/`);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, new RegExp(`there is an exclusion ${id} already`));
    await remove(id);
    assert.notEqual(await files('c'), 0);
    assert.equal((await shown(id)).status, 'removed');
  });

  it('add up to what weir_loss says', async () => {
    const { id } = await add('--extension', 'swp');
    await touch(join(watch.scratch, 'x.swp'));
    await touch(join(watch.scratch, 'x.txt'));
    await watch.rows(`SELECT 1 FROM process_file_events WHERE path LIKE '%/x.txt'`, 1);
    for (const name of ['file', 'process', 'socket']) await watch.lossAtRest(name);
    const sums = await watch.daemon.query(
      `SELECT (SELECT sum(excluded_kernel) FROM weir_loss) AS a,
        (SELECT sum(suppressed_kernel) FROM weir_exclusions) AS b,
        (SELECT sum(excluded_stream) FROM weir_loss) AS c,
        (SELECT sum(suppressed_stream) FROM weir_exclusions) AS d`,
    );
    const [{ a, b, c, d } = { a: 0, b: 1, c: 0, d: 1 }] = sums;
    assert.equal(a, b);
    assert.equal(c, d);
    assert.ok(Number(a) > 0 && Number(c) > 0);
    assert.ok((await shown(id)).suppressed > 0);
    await remove(id);
  });

  it('hold for executables by the file, not by the name that a namespace gives', async () => {
    const mine = join(watch.scratch, 'mine');
    await watch.run('/bin/cp', '/bin/sh', mine);
    const rows = (mark: string, act: () => Promise<unknown>) =>
      rowsOf('process_events', `cmdline LIKE '% -c ${STAY} ${mark}'`, act);
    const execs = (mark: string, path: string) =>
      rows(mark, () => watch.run(path, '-c', STAY, mark));
    // Somebody who can name files in a namespace of their own puts another one at that path.
    const fakes = (mark: string) => {
      const put = `cp /bin/sh ${mine}.fake; mount --bind ${mine}.fake ${mine}`;
      const fake = `${put}; exec ${mine} -c '${STAY}' ${mark}`;
      return rows(mark, () => watch.run('/usr/bin/unshare', '-m', '/bin/sh', '-c', fake));
    };
    const { id, decided_by } = await add('--executable', mine, '--tables', 'process_events');
    assert.equal(decided_by, 'kernel');
    assert.equal(await execs('exec-a', mine), 0);
    assert.equal(await fakes('exec-b'), 1);
    await remove(id);
    const glob = await add('--executable', `${watch.scratch}/min?`);
    assert.equal(glob.decided_by, 'stream');
    assert.equal(await execs('exec-c', mine), 0);
    assert.equal(await fakes('exec-d'), 1);
    await remove(glob.id);
    const file = await add('--executable-file', mine);
    assert.equal(file.decided_by, 'kernel');
    assert.equal(await execs('exec-e', mine), 0);
    assert.equal(await execs('exec-f', '/bin/sh'), 1);
    await remove(file.id);
  });

  it('hold for networks in the kernel', async () => {
    // Connections stay until they have been seen: without eBPF sockets are looked at now and then.
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const where = `remote_port = ${port}`;
    const connects = (met: () => Promise<unknown>) =>
      rowsOf('socket_events', where, async () => {
        const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; read -r end <&3; :`;
        const client = watch.run('/bin/bash', '-c', script);
        await met();
        for (const socket of sockets.splice(0)) socket.end();
        await client;
      });
    const seen = await connects(() => watch.rows(`SELECT 1 FROM socket_events WHERE ${where}`, 1));
    assert.ok(seen > 0);
    const { id, decided_by } = await add('--address', '127.0.0.0/8');
    assert.equal(decided_by, 'kernel');
    const suppressed = () =>
      eventually(
        async () => (await shown(id)).suppressed,
        (rows) => rows > 0,
      );
    assert.equal(await connects(suppressed), seen);
    assert.ok((await suppressed()) > 0);
    await remove(id);
    server.close();
  });

  it('hold for a tree of processes', async () => {
    const root = join(watch.scratch, 'root-of-tree');
    await watch.run('/bin/cp', '/bin/dash', root);
    const { id } = await add('--tree', root);
    const script = `/bin/sh -c "/bin/true tree-mark; : > ${watch.scratch}/tree-file"`;
    const rows = await rowsOf('process_events', `cmdline LIKE '%tree-mark'`, () =>
      watch.run(root, '-c', `${script}; :`),
    );
    assert.equal(rows, 0);
    const files = `SELECT count(*) FROM process_file_events WHERE path LIKE '%/tree-file'`;
    assert.equal(await watch.daemon.value(files), 0);
    await remove(id);
  });

  it('hold for a tree that runs already, and go on through other changes', async () => {
    const root = join(watch.scratch, 'root-that-runs');
    await watch.run('/bin/cp', '/bin/dash', root);
    const { cgroup } = watch;
    // A shell below the root, which runs a program for each line that it is told.
    const loop = `while read -r word; do /bin/sh -c "${STAY}" "$word"; done`;
    const inside = `read -r go && exec "$1" -c '/bin/sh -c "$0"; :' "$2"`;
    const child = spawn('/bin/sh', ['-c', inside, 'sh', root, loop], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      cgroup.add(child.pid as number);
      child.stdin.write('go\n');
      let asked = 0;
      const rowsOfNext = async (): Promise<number> => {
        const word = `running-${asked++}`;
        const done = `SELECT count(*) FROM process_lifecycle_events WHERE action = 'exit'`;
        return rowsOf('process_events', `cmdline LIKE '%${word}'`, async () => {
          const before = Number(await watch.daemon.value(done));
          child.stdin.write(`${word}\n`);
          // Told, or left out: either way the next line is another program.
          const excluded = 'SELECT sum(excluded_kernel + excluded_stream) FROM weir_loss';
          const left = Number(await watch.daemon.value(excluded));
          await eventually(
            async () =>
              Number(await watch.daemon.value(done)) > before ||
              Number(await watch.daemon.value(excluded)) > left,
            (one) => one,
          );
        });
      };
      assert.equal(await rowsOfNext(), 1);
      const tree = await add('--tree', root);
      assert.equal(await eventually(rowsOfNext, (rows) => rows === 0), 0);
      const other = await add('--extension', 'other');
      assert.equal(await rowsOfNext(), 0);
      await remove(other.id);
      assert.equal(await rowsOfNext(), 0);
      await remove(tree.id);
      assert.equal(await rowsOfNext(), 1);
    } finally {
      child.stdin.end();
      await ended;
    }
  });

  it('expire by themselves', async () => {
    const { id } = await add('--extension', 'soon', '--expires', '2s');
    assert.equal((await shown(id)).status, 'active');
    await eventually(
      () => shown(id),
      ({ status }) => status !== 'active',
    );
    assert.equal((await shown(id)).status, 'removed');
    const stored = readFileSync(join(watch.daemon.stateDir, 'exclusions.json'), 'utf8');
    assert.doesNotMatch(stored, /soon/);
    const seen = await rowsOf('process_file_events', `path LIKE '%/x.soon'`, () =>
      touch(join(watch.scratch, 'x.soon')),
    );
    assert.notEqual(seen, 0);
  });

  it('keep rules from finding what is stored all the same', async () => {
    const { id } = await add(
      '--scope',
      'detection',
      '--executable',
      '/bin/false',
      '--query',
      'every_*',
      '--mount-namespace',
      'any',
    );
    const path =
      (await watch.daemon.value(`SELECT 1 FROM file WHERE path = '/usr/bin/false'`)) === 1;
    if (path)
      await add('--scope', 'detection', '--executable', '/usr/bin/false', '--query', 'every_*');
    await watch.run('/bin/false', 'hidden-mark').catch(() => {});
    await watch.run('/bin/true', 'found-mark');
    const found = (mark: string) =>
      watch.daemon.query(`SELECT 1 FROM detections WHERE row LIKE '%${mark}%'`);
    await eventually(
      () => found('found-mark'),
      (rows) => rows.length > 0,
    );
    assert.deepEqual(await found('hidden-mark'), []);
    await watch.rows(`SELECT 1 FROM process_events WHERE cmdline LIKE '%hidden-mark'`, 1);
    await weir('remove', id);
  });

  // What follows asks the command, not the provider.
  if (provider === 'netlink') return;

  const shell = (words: string) => watch.run('/bin/sh', '-c', words);
  /** Of other conditions: who decides, what they leave out, and what like it they do not. */
  const kinds: readonly {
    readonly name: string;
    readonly rule: () => readonly string[];
    readonly by: string;
    readonly path: string; // of the file that is made, below the scratch folder
    readonly kept: string;
    readonly make?: (path: string) => Promise<unknown>;
  }[] = [
    {
      name: 'a pattern',
      rule: () => ['--path', `${watch.scratch}/glob-*/[ab].{x,y}`],
      by: 'stream',
      path: 'glob-1/a.y',
      kept: 'glob-1/c.y',
    },
    {
      name: 'one file',
      rule: () => ['--path', `${watch.scratch}/one`],
      by: 'stream',
      path: 'one',
      kept: 'one-more',
    },
    {
      name: 'the end of a name',
      rule: () => ['--extension', 'ext'],
      by: 'stream',
      path: 'a.b.ext',
      kept: 'ext',
    },
    {
      name: 'two conditions',
      rule: () => ['--path', `${watch.scratch}/two-conditions/`, '--actions', 'unlink'],
      by: 'stream',
      path: 'two-conditions/x',
      kept: 'two-conditions/y',
      make: (path) => shell(path.endsWith('x') ? `rm -f ${path}` : `: > ${path}`),
    },
  ];
  for (const { name, rule, by, path, kept, make = (at: string) => shell(`: > ${at}`) } of kinds) {
    it(`hold for ${name} in the ${by}`, async () => {
      const [out, stays] = [join(watch.scratch, path), join(watch.scratch, kept)];
      // What unlinks needs something that is there.
      await shell(`mkdir -p $(dirname ${out}); : > ${out}`);
      const before = await rowsOf('process_file_events', `path = '${out}'`, async () => {});
      const { id, decided_by } = await add(...rule());
      assert.equal(decided_by, by);
      assert.notEqual(
        await rowsOf('process_file_events', `path = '${stays}'`, () => make(stays)),
        0,
      );
      assert.equal(await rowsOf('process_file_events', `path = '${out}'`, () => make(out)), before);
      assert.ok((await shown(id)).suppressed > 0);
    });
  }

  it('hold for a user in the kernel, by number and by name', async () => {
    const { uid } =
      (await watch.daemon.query(`SELECT uid FROM users WHERE username = 'nobody'`))[0] ?? {};
    const execs = (user: string, mark: string) =>
      rowsOf('process_events', `cmdline = '/bin/true ${mark}'`, () =>
        watch.run('/usr/bin/setpriv', `--reuid=${user}`, '--clear-groups', '/bin/true', mark),
      );
    for (const rule of [
      ['--uid', String(uid)],
      ['--user', 'nobody'],
    ]) {
      const { id, decided_by } = await add(...rule);
      assert.equal(decided_by, 'kernel');
      assert.equal(await execs(String(uid), `nobody${rule[0]}`), 0);
      assert.equal(await execs('1', `daemon${rule[0]}`), 1);
      assert.ok((await shown(id)).suppressed > 0);
      await remove(id);
    }
  });

  it('hold for a cgroup in the kernel', async () => {
    const { id, decided_by } = await add(
      '--cgroup',
      watch.cgroup.path,
      '--tables',
      'process_events',
    );
    assert.equal(decided_by, 'kernel');
    const act = () => watch.run('/bin/true', 'in-cgroup');
    assert.equal(await rowsOf('process_events', `cmdline LIKE '% in-cgroup'`, act), 0);
    assert.ok((await shown(id)).suppressed > 0);
    await remove(id);
    assert.equal(await rowsOf('process_events', `cmdline LIKE '% in-cgroup'`, act), 1);
  });

  it('hold for a port in the kernel', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const connect = () =>
      watch.run('/bin/bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`);
    const where = `remote_port = ${port}`;
    const seen = await rowsOf('socket_events', where, connect);
    assert.ok(seen > 0);
    const { id, decided_by } = await add('--port', String(port));
    assert.equal(decided_by, 'kernel');
    assert.equal(await rowsOf('socket_events', where, connect), seen);
    assert.ok((await shown(id)).suppressed > 0);
    server.close();
  });

  it('of the configuration end without a reload, too', async () => {
    const file = join(watch.daemon.stateDir, 'test-config.json');
    const configure = (...args: readonly string[]) =>
      exec(process.execPath, [
        ...[WEIR, 'config', ...args, '--config', file, '--state-dir', watch.daemon.stateDir],
      ]);
    const expires = Math.floor(Date.now() / 1000) + 5;
    const rule = { id: 'configured', extension: 'brief', expires };
    await configure('set', 'exclude', JSON.stringify([rule]));
    await exec(process.execPath, [WEIR, 'reload', '--state-dir', watch.daemon.stateDir]);
    const { status } = await eventually(
      () => shown('configured'),
      (each) => each?.status === 'expired',
    );
    assert.equal(status, 'expired');
    const path = join(watch.scratch, 'x.brief');
    assert.notEqual(await rowsOf('process_file_events', `path = '${path}'`, () => touch(path)), 0);
    await configure('unset', 'exclude');
    await exec(process.execPath, [WEIR, 'reload', '--state-dir', watch.daemon.stateDir]);
  });

  it('say which of them would take an event', async () => {
    await touch(join(watch.scratch, 'asked.tmp'));
    const [row] = await watch.rows(
      `SELECT seq, eid FROM process_file_events WHERE path LIKE '%/asked.tmp'`,
      1,
    );
    const none = await weir('test', String(row?.seq));
    assert.match(none.stdout, /no exclusion holds/);
    const { id } = await add('--extension', 'tmp');
    for (const word of [String(row?.seq), String(row?.eid)]) {
      const { stdout, code, stderr } = await weir('test', word);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`^${id} \\(collection, decided by stream\\): `));
    }
    const line = JSON.stringify({
      table: 'process_file_events',
      path: '/a/b.tmp',
      operation: 'create',
    });
    assert.match((await weir('test', line)).stdout, new RegExp(`^${id} `));
    assert.equal((await weir('test', '99999999999')).code, 1);
    await remove(id);
  });

  it('refuse what leaves out everything, and wrong words', async () => {
    for (const args of [
      ['--path', '/'],
      ['--path', '/**'],
      ['--address', '0.0.0.0/0'],
      ['--mount-namespace', 'host'],
      ['--tables', 'process_events'],
      ['--reason', 'why not'],
    ]) {
      const { code, stderr } = await weir('add', ...args);
      assert.equal(code, 64, args.join(' '));
      assert.match(stderr, /everything/, args.join(' '));
    }
    for (const args of [
      ['add'],
      ['add', '--uid', 'root'],
      ['add', '--port', '0'],
      ['add', '--path', 'relative'],
      ['add', '--path', '/x/', '--expires', 'whenever'],
      ['add', '--path', '/x/', '--expires', '2001-01-01T00:00:00Z'],
      ['add', '--query', 'x'],
      ['add', 'no json'],
      ['remove'],
      ['test', 'what'],
      ['list', '--path', '/x'],
      ['nonsense'],
    ]) {
      const { code, stderr } = await weir(...args);
      assert.equal(code, 64, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /^weir: /);
    }
    const { stderr } = await weir('add', '--path', '/x/', '--expires', 'whenever');
    assert.match(stderr, /^weir: expires: seconds since 1970, or a time such as "/);
    assert.equal((await weir('remove', 'nothing')).code, 1);
    const forced = await add('--path', '/**', '--force');
    await remove(forced.id);
  });
});

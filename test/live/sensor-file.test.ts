import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDERS } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';

/** What file_life.c does, in process_file_events' words: operation, path, dest_path. */
const LIFE = [
  ['create', 'first', ''],
  ['close_write', 'first', ''],
  ['open_write', 'first', ''],
  ['close_write', 'first', ''],
  ['rename', 'first', 'second'],
  ['link', 'second', 'third'],
  ['symlink', 'pointer', 'second'],
  ['chmod', 'second', ''],
  ['chown', 'second', ''],
  ['truncate', 'second', ''],
  ['mkdir', 'folder', ''],
  ['rename', 'third', 'folder/third'],
  ['unlink', 'folder/third', ''],
  ['unlink', 'pointer', ''],
  ['unlink', 'second', ''],
  ['rmdir', 'folder', ''],
] as const;

/** fanotify makes one event of what waits for the same name. */
const REST_MS = 60;

/** What fanotify tells of it: of a link only the new name, of chmod and chown only that one was. */
const LIFE_WITHOUT_EBPF = LIFE.flatMap(
  ([operation, path, destination]): readonly (readonly [string, string, string])[] => {
    if (operation === 'link') return [['link', '', destination]];
    if (operation === 'truncate') return [['open_write', path, '']];
    if (operation === 'chmod' || operation === 'chown') return [['attributes', path, '']];
    return [[operation, path, destination]];
  },
);

for (const provider of PROVIDERS) {
  describe(`live: files with ${provider}`, () => {
    const life = provider === 'ebpf' ? LIFE : LIFE_WITHOUT_EBPF;
    let watch: Watch;
    let program: string;
    let pid: number;
    let folder: string;
    let args: readonly string[];

    before(async () => {
      watch = await Watch.start({ provider });
      program = watch.compile('file_life');
      folder = join(watch.scratch, 'life');
      mkdirSync(folder);
      args = provider === 'ebpf' ? [folder] : [folder, String(REST_MS)];
      const done = await watch.run(program, ...args);
      assert.equal(done.code, 0);
      assert.equal(JSON.parse(done.stdout).operations, LIFE.length);
      pid = done.pid;
    });
    after(() => watch?.stop());

    it('process_file_events has each operation once, in order, with full paths', async () => {
      const sql = `SELECT operation, path, dest_path, executable FROM process_file_events
      WHERE pid = ${pid} AND (path LIKE '${folder}/%' OR dest_path LIKE '${folder}/%') ORDER BY seq`;
      const rows = await watch.rows(sql, life.length);
      const under = (path: string) => (path === '' ? '' : `${folder}/${path}`);
      assert.deepEqual(
        rows.map((row) => [row.operation, row.path ?? '', row.dest_path]),
        life.map(([operation, path, destination]) => [
          operation,
          under(path),
          // A symbolic link's content is what it says, not a path made full.
          operation === 'symlink' ? destination : under(destination),
        ]),
      );
      assert.ok(rows.every((row) => row.executable === program));
    });

    it('file_events says it in osquery words, a rename as two rows', async () => {
      const sql = `SELECT action, target_path, path FROM file_events
      WHERE pid = ${pid} AND target_path LIKE '${folder}/%' ORDER BY seq`;
      const links = life.filter(([operation, path]) => operation === 'link' && path === '').length;
      const rows = await watch.rows(sql, life.length + 2 - links);
      const actions = rows.map((row) => row.action);
      assert.deepEqual(actions.slice(0, 4), ['CREATED', 'UPDATED', 'OPENED', 'UPDATED']);
      const moved = rows.filter((row) => String(row.action).startsWith('MOVED'));
      assert.deepEqual(
        moved.map((row) => [row.action, row.target_path]),
        [
          ['MOVED_FROM', `${folder}/first`],
          ['MOVED_TO', `${folder}/second`],
          ['MOVED_FROM', `${folder}/third`],
          ['MOVED_TO', `${folder}/folder/third`],
        ],
      );
      assert.ok(rows.every((row) => row.path === program));
    });

    it('names the real folder, however the caller wrote it', async () => {
      const real = join(folder, 'real');
      mkdirSync(real);
      symlinkSync(real, join(folder, 'alias'));
      for (const name of ['through-link', 'up', 'down']) writeFileSync(join(real, name), '');
      // It stays a moment: without eBPF a process that is gone at once may not be known.
      const { pid: remover } = await watch.run(
        '/usr/bin/python3',
        '-c',
        'import os, sys, time; time.sleep(0.3); [os.unlink(name) for name in sys.argv[1:]]; time.sleep(0.3)',
        join(folder, 'alias', 'through-link'),
        `${folder}/alias/../real/up`,
        `${folder}/.//real/./down`,
      );
      const sql = `SELECT path, source FROM process_file_events
      WHERE pid = ${remover} AND operation = 'unlink' ORDER BY seq`;
      const rows = await watch.rows(sql, 3);
      assert.deepEqual(
        rows.map((row) => row.path),
        ['through-link', 'up', 'down'].map((name) => join(real, name)),
      );
      const source = provider === 'ebpf' ? 'user' : 'fanotify';
      assert.ok(rows.every((row) => row.source === source));
    });

    it('names the real folder behind links of /proc', async () => {
      const real = join(folder, 'behind');
      mkdirSync(real);
      for (const name of ['root', 'cwd', 'fd']) writeFileSync(join(real, name), '');
      const { pid: remover } = await watch.run(
        '/usr/bin/python3',
        '-c',
        `import os, sys, time
os.chdir(sys.argv[1])
fd = os.open('.', os.O_PATH)
time.sleep(0.3)
os.unlink('/proc/self/root' + sys.argv[1] + '/root')
os.unlink('/proc/self/cwd/cwd')
os.unlink('/proc/thread-self/fd/%d/fd' % fd)
time.sleep(0.3)`,
        real,
      );
      const rows = await watch.rows(
        `SELECT path FROM process_file_events WHERE pid = ${remover} AND operation = 'unlink' ORDER BY seq`,
        3,
      );
      assert.deepEqual(
        rows.map((row) => row.path),
        ['root', 'cwd', 'fd'].map((name) => join(real, name)),
      );
    });

    it('joins what was done to the program that did it', async () => {
      const sql = `SELECT p.cmdline FROM process_file_events f JOIN process_events p USING (exec_id)
      WHERE f.operation = 'rmdir' AND f.pid = ${pid}`;
      const [row] = await watch.rows(sql, 1);
      assert.equal(row?.cmdline, [program, ...args].join(' '));
    });

    it('keeps names with newlines and broken UTF-8 apart', async () => {
      const names = ['a\nb', "quote'", 'tab\t'];
      for (const name of names) writeFileSync(join(watch.scratch, name), '');
      const remove = 'cd "$1" && rm -- "$2" "$3" "$4" && touch "$(printf "\\377")"';
      const { code, pid: sh } = await watch.run(
        '/bin/sh',
        '-c',
        remove,
        'sh',
        watch.scratch,
        ...names,
      );
      assert.equal(code, 0);
      const sql = `SELECT path FROM process_file_events
      WHERE operation = 'unlink' AND ppid = ${sh} ORDER BY seq`;
      const rows = await watch.rows(sql, names.length);
      assert.deepEqual(
        rows.map((row) => row.path),
        names.map((name) => join(watch.scratch, name)),
      );
      const broken = `SELECT hex(path) AS path FROM process_file_events
      WHERE operation = 'create' AND hex(path) LIKE '%2FFF'`;
      const [row] = await watch.rows(broken, 1);
      assert.equal(
        row?.path,
        `${Buffer.from(`${watch.scratch}/`).toString('hex').toUpperCase()}FF`,
      );
    });

    it('loses nothing, and the sum holds', async () => {
      const loss = await watch.lossAtRest('file');
      assert.equal(loss.balance, 0);
      assert.equal(loss.pending, 0);
      assert.equal(loss.stored, loss.seen);
    });
  });
}

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { forEachProvider, type LeftOut } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';

interface Facts {
  readonly pid: number;
  readonly mnt_ns: number;
  readonly dev: number;
  readonly tmpfile: number;
  readonly hard_link: number;
  readonly jail: number;
  /** 0 on file systems without extended attributes. */
  readonly attributes: number;
}

const COLUMNS =
  'operation, path, dest_path, syscall, source, truncated, inode, dev, nlink, mnt_ns, requested, op_id';

/** fanotify makes one event of what waits for the same name. */
const REST_MS = '60';

const KINDS_LEFT_OUT: LeftOut = {
  'a shared mapping that can be written to is told': 'Writes through mmap are not told',
  'overlayfs: what the process did to the merged tree, and nothing twice':
    'What is done to a merged tree of overlayfs shows as what overlayfs does to its upper folder',
};

forEachProvider('live: what makes files hard to name', KINDS_LEFT_OUT, (provider, it) => {
  const ebpf = provider === 'ebpf';
  /** What is told of a step: with eBPF, and what fanotify makes of it. */
  const told = (of: Readonly<Record<typeof provider, readonly string[]>>) => of[provider];
  let watch: Watch;
  let folder: string;
  let facts: Facts;

  before(async () => {
    watch = await Watch.start({ provider });
    folder = join(watch.scratch, 'kinds');
    mkdirSync(folder);
    const done = await watch.run(watch.compile('file_kinds'), folder, ...(ebpf ? [] : [REST_MS]));
    assert.equal(done.code, 0);
    facts = JSON.parse(done.stdout);
  });
  after(() => watch?.stop());

  /** What was done below a folder of the workload: rows, and the same as short text. */
  async function done(name: string, atLeast: number, pid = facts.pid) {
    const rows = await watch.rows(
      `SELECT ${COLUMNS} FROM process_file_events
        WHERE pid = ${pid} AND coalesce(nullif(path, ''), dest_path) LIKE '${folder}/${name}/%' ORDER BY seq`,
      atLeast,
    );
    const short = (path: unknown) => String(path ?? '').replace(`${folder}/${name}/`, '');
    const said = rows.map(
      (row) =>
        `${row.operation} ${short(row.path)}${row.dest_path ? ` ${short(row.dest_path)}` : ''}`,
    );
    return { rows, said };
  }

  it('O_TMPFILE and linkat: the names that the file gets, by either way', async () => {
    const { rows, said } = await done('tmpfile', 4);
    const unnamed = `#${facts.tmpfile}`;
    assert.deepEqual(
      said,
      told({
        ebpf: [
          `create ${unnamed}`,
          `link ${unnamed} by-proc`,
          `link ${unnamed} by-descriptor`,
          `close_write ${unnamed}`,
        ],
        netlink: [
          'create by-proc',
          'link  by-descriptor',
          `open_write ${unnamed}`,
          `close_write ${unnamed}`,
        ],
      }),
    );
    assert.equal(Number(rows[0]?.inode), facts.tmpfile);
    if (!ebpf) return;
    assert.equal(Number(rows[0]?.nlink), 0);
    assert.equal(Number(rows[3]?.nlink), 2);
  });

  it('hard links: the name that was used, the inode of both', async () => {
    const { rows, said } = await done('hard', 5);
    assert.deepEqual(said, [
      'create one',
      'close_write one',
      ebpf ? 'link one two' : 'link  two',
      'open_write two',
      'close_write two',
    ]);
    const inodes = rows.filter((row) => row.operation !== 'link').map((row) => Number(row.inode));
    assert.deepEqual(new Set(inodes), new Set([facts.hard_link]));
    assert.ok(rows.every((row) => row.operation === 'link' || Number(row.dev) === facts.dev));
  });

  it('a file whose name is gone keeps it, with no links', async () => {
    const { rows, said } = await done('deleted', 4);
    const changed = ebpf ? 'chmod' : 'attributes';
    const expected = ['create gone', 'unlink gone', `${changed} gone`, 'close_write gone'];
    // Of a name that is gone, fanotify's events come by two ways: by the folder and by the file.
    if (!ebpf) return assert.deepEqual(said.toSorted(), expected.toSorted());
    assert.deepEqual(said, expected);
    assert.deepEqual(
      rows.filter((row) => row.operation !== 'unlink').map((row) => Number(row.nlink)),
      [1, 0, 0],
    );
  });

  it('an exchange is two renames, with eBPF of one operation', async () => {
    const { rows, said } = await done('exchange', 6);
    assert.deepEqual(said.slice(-2), ['rename left right', 'rename right left']);
    if (!ebpf) return;
    const [one, two] = rows.slice(-2);
    assert.equal(one?.op_id, two?.op_id);
    assert.equal(Number(one?.requested), 2);
  });

  it('a shared mapping that can be written to is told', async () => {
    const { rows, said } = await done('mapped', 3);
    // Before 6.16 a process has no memory any more when its end is told: that ends the file then.
    const last = said.at(3) === 'close_write file' ? ['close_write file'] : [];
    assert.deepEqual(said, ['create file', 'truncate file', 'mmap_write file', ...last]);
    assert.equal(Number(rows[2]?.requested), 3);
    const memory = `SELECT path FROM process_file_events WHERE pid = ${facts.pid}
      AND operation = 'mmap_write' AND path LIKE '%memfd%'`;
    assert.deepEqual(await watch.daemon.query(memory), []);
  });

  it('extended attributes are told, with eBPF by their names', async () => {
    if (facts.attributes === 0) return;
    const { rows } = await done('attributes', 5);
    const changes = rows.filter((row) => !/create|write/.test(String(row.operation)));
    const names = ['trusted.weir', 'trusted.other', 'trusted.weir'];
    assert.deepEqual(
      changes.map((row) => [row.operation, row.path, row.dest_path || null, row.syscall]),
      names.map((name, index) => [
        'attributes',
        `${folder}/attributes/file`,
        ebpf ? name : null,
        ebpf ? ['setxattr', 'fsetxattr', 'removexattr'][index] : null,
      ]),
    );
    // Of an open file it is the kernel that names it.
    if (ebpf) assert.ok(Number(changes[1]?.inode) > 0);
  });

  it('what failed is no row', async () => {
    const { said } = await done('failed', 4);
    assert.deepEqual(said, ['create one', 'close_write one', 'create two', 'close_write two']);
  });

  it('overlayfs: what the process did to the merged tree, and nothing twice', async () => {
    const { rows, said } = await done('overlay', 14);
    assert.deepEqual(said, [
      'mkdir lower',
      'mkdir upper',
      'mkdir work',
      'mkdir merged',
      'create lower/old',
      'close_write lower/old',
      'create merged/new',
      'close_write merged/new',
      'open_write merged/old',
      'close_write merged/old',
      'rename merged/old merged/moved',
      'link merged/new merged/other',
      'mkdir merged/folder',
      'unlink merged/moved',
    ]);
    const merged = rows.find((row) => String(row.path).endsWith('merged/new'));
    assert.notEqual(Number(merged?.dev), facts.dev);
  });

  it('bind mounts: the path that was used or the first there is, the device and inode of the one file', async () => {
    const { rows, said } = await done('bind', 7);
    const bound = ebpf ? 'bound' : 'real';
    assert.deepEqual(said, [
      'mkdir real',
      'mkdir bound',
      `create ${bound}/file`,
      `close_write ${bound}/file`,
      'open_write real/file',
      'close_write real/file',
      `unlink ${bound}/file`,
    ]);
    const opened = rows.filter(
      (row) =>
        /^(create|open_write|close_write)$/.test(String(row.operation)) && row.inode !== null,
    );
    assert.ok(opened.length > 0);
    assert.equal(new Set(opened.map((row) => `${row.dev} ${row.inode}`)).size, 1);
    if (ebpf) assert.ok(rows.every((row) => Number(row.mnt_ns) === facts.mnt_ns));
  });

  it('chroot: the path from the namespace’s root, whoever told it', async () => {
    const { said } = await done('jail', 4, facts.jail);
    assert.deepEqual(said, [
      'create inside',
      'close_write inside',
      'rename inside moved',
      'unlink moved',
    ]);
  });

  it('a path beyond 4,096 bytes keeps its end and says so', async () => {
    const sql = `SELECT operation, length(path) AS length, path, truncated FROM process_file_events
      WHERE pid = ${facts.pid} AND path LIKE '%/bottom' ORDER BY seq`;
    const rows = await watch.rows(sql, 3);
    assert.deepEqual(
      rows.map((row) => row.operation),
      ['create', 'close_write', 'unlink'],
    );
    for (const row of rows) {
      assert.equal(row.truncated, 'target_path');
      assert.ok(Number(row.length) <= 4096 && Number(row.length) > 4096 - 256);
      assert.ok(String(row.path).startsWith(`/${'d'.repeat(250)}/`));
    }
  });

  it('loses nothing, and the sum holds', async () => {
    const loss = await watch.lossAtRest('file');
    assert.equal(loss.balance, 0);
    assert.equal(loss.stored, loss.seen);
  });
});

forEachProvider('live: what path reading stumbles over', {}, (provider, it) => {
  let watch: Watch;
  let folder: string;
  let facts: { readonly pid: number; readonly depth: number };

  before(async () => {
    watch = await Watch.start({ provider });
    folder = join(watch.scratch, 'edges');
    mkdirSync(folder);
    const program = watch.compile('file_edges');
    // Its standard output becomes a file; before that it says what it did.
    const done = await watch.run(program, folder);
    assert.equal(done.code, 0);
    facts = JSON.parse(done.stdout);
  });
  after(() => watch?.stop());

  const count = async (where: string, atLeast: number) =>
    (
      await watch.rows(
        `SELECT path FROM process_file_events WHERE pid = ${facts.pid} AND ${where}`,
        atLeast,
      )
    ).length;

  it('200 folders deep: every path is whole', async () => {
    const deep = `${folder}${'/d'.repeat(facts.depth)}/deep`;
    assert.equal(await count(`path = '${deep}'`, 3), 3); // create, close_write, unlink
    assert.equal(await count(`operation = 'mkdir'`, facts.depth), facts.depth);
    assert.equal(await count(`operation = 'rmdir'`, facts.depth), facts.depth);
  });

  it('what a process leaves open is closed for it, once', async () => {
    const closed = (name: string) =>
      count(`operation = 'close_write' AND path = '${folder}/${name}'`, 1);
    assert.equal(await closed('unclosed'), 1);
    assert.equal(await closed('output'), 1); // two descriptors
  });

  it('/dev/null is no file event', async () => {
    assert.equal(await count(`path = '/dev/null'`, 0), 0);
  });
});

forEachProvider('live: descriptors that another thread takes away', {}, (provider, it) => {
  const OPENS = 2000;
  let watch: Watch;

  before(async () => {
    watch = await Watch.start({ provider });
  });
  after(() => watch?.stop());

  it('every open is a row with its own name all the same', async () => {
    const folder = join(watch.scratch, 'race');
    mkdirSync(folder);
    const done = await watch.run(watch.compile('open_race'), folder, String(OPENS));
    assert.equal(done.code, 0);
    const { pid, opened } = JSON.parse(done.stdout);
    assert.equal(opened, OPENS);
    const sql = `SELECT path FROM process_file_events
      WHERE pid = ${pid} AND operation = 'create' AND path LIKE '%/raced-%'`;
    const rows = await watch.rows(sql, OPENS);
    assert.equal(rows.length, OPENS);
    assert.equal(new Set(rows.map((row) => row.path)).size, OPENS);
  });
});

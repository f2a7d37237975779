import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { type Row, WeirDaemon } from '../helpers/weir-daemon.ts';
import { compileWorkload } from '../helpers/workload.ts';

const RULE = 'rule marker : test { strings: $a = "weir-yara-marker" condition: $a }';

describe('live: what the host tells', () => {
  let scratch: string;
  let daemon: WeirDaemon;
  let watched: string;

  const config = () => ({
    collect: { process: false, socket: false, dns: false, kernel: false },
    host_events: { syslog_pipe: join(scratch, 'syslog_pipe') },
    file_paths: { own: [`${watched}/%%`], other: [`${scratch}/other/%%`] },
    exclude_paths: { own: [`${watched}/left-out/%%`], other: [`${watched}/%%`] },
    file_accesses: ['own'],
    yara: {
      signatures: { markers: [join(scratch, 'marker.yar')] },
      file_paths: { own: ['markers'] },
    },
  });

  before(async () => {
    scratch = makeScratch();
    watched = join(scratch, 'watched');
    mkdirSync(join(watched, 'left-out'), { recursive: true });
    writeFileSync(join(scratch, 'marker.yar'), RULE);
    writeFileSync(join(watched, 'clean'), 'nothing');
    const stateDir = join(scratch, 'state');
    mkdirSync(stateDir, { mode: 0o700 });
    daemon = await WeirDaemon.start(stateDir, config());
  });

  after(async () => {
    await daemon?.stop();
    removeScratch(scratch);
  });

  const rows = (sql: string, atLeast = 1): Promise<Row[]> =>
    eventually(
      () => daemon.query(sql),
      (found) => found.length >= atLeast,
    );

  it('says which feeds run', async () => {
    const [row] = await rows(
      "SELECT tier FROM weir_coverage WHERE class = 'host' AND provider = 'host'",
    );
    assert.equal(row?.tier, 'hardware, audit, logins, syslog, yara');
  });

  it('hardware_events: a device that changes', async () => {
    writeFileSync('/sys/class/mem/null/uevent', 'change');
    const [row] = await rows("SELECT * FROM hardware_events WHERE path = '/dev/null'");
    assert.deepEqual(
      [row?.action, row?.type, row?.sys_path],
      ['change', 'mem', '/devices/virtual/mem/null'],
    );
    const age = await daemon.value(
      "SELECT abs(unixepoch() - time) FROM hardware_events WHERE path = '/dev/null'",
    );
    assert.ok(Number(age) < 60, `${age} s`);
  });

  it('user_events and seccomp_events: audit’s multicast group', async () => {
    const program = compileWorkload('audit_say', scratch);
    const text = `op=login acct="weir-test" exe="/bin/x" hostname=? addr=203.0.113.9 terminal=pts/7 res=failed`;
    const killed = Number(execFileSync(program, [text], { encoding: 'utf8' }));
    const [user] = await rows("SELECT * FROM user_events WHERE message LIKE '%weir-test%'");
    assert.deepEqual(
      [user?.type, user?.name, user?.address, user?.terminal, user?.uid, user?.source],
      [1112, 'USER_LOGIN', '203.0.113.9', 'pts/7', 0, 'audit'],
    );
    const [call] = await rows(`SELECT * FROM seccomp_events WHERE pid = ${killed}`);
    assert.deepEqual(
      [call?.comm, call?.exe, call?.syscall, call?.code, call?.sig],
      ['audit_say', program, 'getppid', 'KILL_PROCESS', 31],
    );
  });

  it('syslog_events: lines of the pipe; its own lines do not come back', async () => {
    const line = (tag: string, message: string): string =>
      `"2026-11-21T10:00:00Z","h","4","daemon","${tag}:"," ${message}"\n`;
    const say = (text: string): void => {
      // Without a reader this fails; otherwise it would wait for one for ever.
      const flags = constants.O_WRONLY | constants.O_NONBLOCK;
      const fd = openSync(join(scratch, 'syslog_pipe'), flags);
      writeSync(fd, text);
      closeSync(fd);
    };
    say(line('weir', 'own') + line('x', 'one'));
    await rows("SELECT 1 FROM syslog_events WHERE message = 'one'");
    // Another writer, after the last one has gone.
    say(line('x', 'two'));
    const found = await rows('SELECT tag, message, severity FROM syslog_events', 2);
    assert.deepEqual(found, [
      { tag: 'x', message: 'one', severity: 4 },
      { tag: 'x', message: 'two', severity: 4 },
    ]);
  });

  it('yara_events: new, changed and moved files of a category, but for its exclude_paths', async () => {
    writeFileSync(join(watched, 'left-out', 'no'), 'weir-yara-marker');
    writeFileSync(join(scratch, 'elsewhere'), 'weir-yara-marker');
    writeFileSync(join(watched, 'made'), 'xx weir-yara-marker');
    renameSync(join(scratch, 'elsewhere'), join(watched, 'moved'));
    appendFileSync(join(watched, 'clean'), ' weir-yara-marker');
    const found = await rows('SELECT * FROM yara_events', 3);
    const shown = found.map((row) => [
      String(row.target_path).slice(watched.length + 1),
      ...[row.action, row.category, row.matches, row.count, row.strings, row.tags, row.pid],
    ]);
    assert.deepEqual(shown.sort(), [
      ['clean', 'UPDATED', 'own', 'marker', 1, '$a:8', 'test', process.pid],
      ['made', 'CREATED', 'own', 'marker', 1, '$a:3', 'test', process.pid],
      ['moved', 'MOVED_TO', 'own', 'marker', 1, '$a:0', 'test', process.pid],
    ]);
  });

  it('file_accesses: reads of a category, but for its exclude_paths', async () => {
    readFileSync(join(watched, 'left-out', 'no'));
    readFileSync(join(watched, 'made'));
    const reads = `SELECT path FROM process_file_events WHERE operation = 'open_read'
      AND pid = ${process.pid} AND path LIKE '${watched}/%'`;
    assert.deepEqual(await rows(reads), [{ path: join(watched, 'made') }]);
    const seen = `SELECT action, category FROM file_events WHERE action = 'ACCESSED'
      AND pid = ${process.pid}`;
    assert.deepEqual(await rows(seen), [{ action: 'ACCESSED', category: 'own' }]);
  });

  it('a device’s flood is stored or counted', async () => {
    for (let i = 0; i < 20_000; i++) writeFileSync('/sys/class/mem/zero/uevent', 'change');
    // In one statement, and until both are of the same moment: the host may tell of other things.
    // The sum is exact at rest; what was taken from the listener is seen before it is judged.
    const sql = `SELECT seen, pending, balance, rate_limited, stored,
      (SELECT count(*) FROM host_events) AS there FROM weir_loss WHERE class = 'host'`;
    const [loss] = await eventually(
      () => daemon.query(sql),
      ([row]) => Number(row?.seen) >= 20_000 && row?.balance === 0 && row.stored === row.there,
    );
    assert.deepEqual([loss?.balance, loss?.pending], [0, 0]);
    assert.equal(loss?.stored, loss?.there);
    assert.ok(Number(loss?.rate_limited) > 0, JSON.stringify(loss));
    assert.match(daemon.stderr, /more rows a second than host_events\.rate_limit/);
  });

  it('feeds go off and on with the configuration', async () => {
    const file = join(daemon.stateDir, 'test-config.json');
    const open = "SELECT tier FROM weir_coverage WHERE class = 'host' AND until IS NULL";
    writeFileSync(file, JSON.stringify({ ...config(), host_events: { hardware: false } }));
    process.kill(daemon.pid, 'SIGHUP');
    const tiers = (wanted: string) =>
      eventually(
        () => daemon.query(open),
        ([row]) => row?.tier === wanted,
      );
    assert.deepEqual(await tiers('audit, logins, yara'), [{ tier: 'audit, logins, yara' }]);
    writeFileSync(file, JSON.stringify({ ...config(), host_events: {} }));
    process.kill(daemon.pid, 'SIGHUP');
    await tiers('hardware, audit, logins, yara');
    writeFileSync('/sys/class/mem/full/uevent', 'change');
    await rows("SELECT 1 FROM hardware_events WHERE path = '/dev/full'");
    writeFileSync(file, JSON.stringify({ ...config(), provider: 'off' }));
    process.kill(daemon.pid, 'SIGHUP');
    const none = await eventually(
      () => daemon.query(open),
      (found) => found.length === 0,
    );
    assert.deepEqual(none, []);
  });
});

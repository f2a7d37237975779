import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import knex from 'knex';
import { MIGRATIONS } from '../../src/results/migrations.ts';
import { openResultStore } from '../../src/results/open.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

function weir(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [WEIR, ...args],
      { encoding: 'utf8', timeout: 60_000 },
      (error, out, said) => resolve({ code: error === null ? 0 : Number(error.code), out, said }),
    );
  });
}

const HOSTILE = 'a\\u001b[2Jb\\u202ec';

describe('weir detections', function () {
  this.timeout(120_000);
  let folder: string;
  let daemon: WeirDaemon;

  const there = (...args: readonly string[]): Promise<Ran> =>
    weir(args[0] as string, '--state-dir', folder, ...args.slice(1));
  const listed = async (...args: readonly string[]): Promise<Record<string, unknown>[]> =>
    JSON.parse((await there('detections', '--json', ...args)).out);

  before(async () => {
    folder = makeScratch();
    const pack = join(folder, 'pack.json');
    const rule = (query: string) => ({
      query,
      interval: 1,
      severity: 'high',
      attack: ['T1059'],
      description: 'of the test',
    });
    // The second gives another row at each run: one thing that is seen again and again.
    const queries = {
      hostile: rule(`SELECT json_extract('"${HOSTILE}"', '$') AS name, 'x' AS other`),
      again: rule("SELECT unix_time AS time, 'same' AS name FROM time"),
    };
    writeFileSync(pack, JSON.stringify({ queries }));
    daemon = await WeirDaemon.start(folder, {
      provider: 'off',
      packs: { t: pack },
      scheduler: { splay_percent: 0 },
    });
  });

  after(async () => {
    await daemon?.stop();
    removeScratch(folder);
  });

  it('the daemon lists what rules found, repeats as one', async () => {
    const found = await eventually(
      () => listed(),
      (groups) => groups.length === 2 && groups.some(({ count }) => Number(count) >= 3),
      30_000,
    );
    const again = found.find(({ rule }) => rule === 'pack_t_again');
    assert.deepEqual([again?.status, again?.severity, again?.attack], ['new', 'high', ['T1059']]);
    assert.ok(Number(again?.lastTime) > Number(again?.firstTime));
  });

  it('a list and a page harm no terminal', async () => {
    const [hostile] = (await listed()).filter(({ rule }) => rule === 'pack_t_hostile');
    const page = await there('detections', 'show', `${hostile?.id}`);
    assert.equal(page.code, 0);
    assert.match(page.out, /detection \d+: pack_t_hostile, high\nof the test\nATT&CK T1059\n/);
    assert.ok(page.out.includes('name = a\\x1b[2Jb\\u202ec'), page.out);
  });

  it('changes statuses through the daemon, and SQL sees them', async () => {
    const [hostile] = (await listed()).filter(({ rule }) => rule === 'pack_t_hostile');
    const { code, out } = await there('detections', 'acknowledge', `${hostile?.id}`);
    assert.deepEqual([code, out], [0, `detection ${hostile?.id}: acknowledged\n`]);
    assert.deepEqual(
      await daemon.query("SELECT id, rule, count FROM detections WHERE status = 'acknowledged'"),
      [{ id: hostile?.id, rule: 'pack_t_hostile', count: 1 }],
    );
    assert.equal((await listed('--status', 'acknowledged')).length, 1);
  });

  it('a closed one that comes again is a new one, and stays closed', async () => {
    const again = (groups: Record<string, unknown>[]) =>
      groups.filter(({ rule }) => rule === 'pack_t_again');
    const [first] = again(await listed());
    await there('detections', 'close', `${first?.id}`);
    const both = await eventually(
      async () => again(await listed()),
      (groups) => groups.length === 2,
      30_000,
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), ['closed', 'new']);
    const { code, said } = await there('detections', 'reopen', `${first?.id}`);
    assert.equal(code, 1);
    assert.match(said, /came again and is open as \d+/);
  });

  it('counts what is suppressed instead of detecting it, until that is removed', async () => {
    const rows = async () => {
      const groups = await listed();
      const again = groups.filter(({ rule }) => rule === 'pack_t_again');
      return again.reduce((sum, { count }) => sum + Number(count), 0);
    };
    const counted = async () => {
      const { out } = await there('detections', 'suppressions', '--json');
      return Number(JSON.parse(out)[0].count);
    };
    const words = ['name~s?m*', '--rule', 'pack_t_again', '--for', '1h', '--reason', 'of the test'];
    const made = await there('detections', 'suppress', ...words);
    const said =
      /^suppression 1: pack_t_again, name~s\?m\*, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$/;
    assert.match(made.out, said, made.said);
    await eventually(counted, (count) => count >= 1, 30_000);
    const before = await rows();
    const silent = await counted();
    await eventually(counted, (count) => count >= silent + 2, 30_000);
    assert.equal(await rows(), before);
    const list = await there('detections', 'suppressions');
    assert.match(list.out, /pack_t_again .* name~s\?m\* .* of the test/);
    const sql = `SELECT rule, conditions ->> '$[0].column' AS name, status, reason, count > 1 AS counted,
      expires - created AS seconds, last_time >= created AS later FROM weir_suppressions`;
    assert.deepEqual(await daemon.query(sql), [
      {
        ...{ rule: 'pack_t_again', name: 'name', status: 'active', reason: 'of the test' },
        ...{ counted: 1, seconds: 3600, later: 1 },
      },
    ]);
    const removed = await there('detections', 'unsuppress', '1');
    assert.equal(removed.out, 'suppression 1: removed\n');
    await eventually(rows, (count) => count > before, 30_000);
    assert.equal((await there('detections', 'suppressions')).out, 'no suppressions\n');
    assert.deepEqual(await daemon.query('SELECT id FROM weir_suppressions'), []);
  });

  it('says what is wrong with what it is asked', async () => {
    for (const [words, wanted, code] of [
      [['show', '999999'], /there is no detection 999999/, 1],
      [['close', '1', '999999'], /there is no detection 999999/, 1],
      [['close'], /close takes ID/, 64],
      [['close', '1x'], /1x is no detection/, 64],
      [['mute', '1'], /not mute/, 64],
      [['suppress', '--for', '1h', '--reason', 'x'], /takes --rule/, 64],
      [['suppress', '--rule', 'r', '--for', '1h'], /takes --reason/, 64],
      [['suppress', '--rule', 'r', '--reason', 'x'], /takes --for/, 64],
      [['suppress', '--rule', 'r', '--reason', 'x', '--for', '0d'], /takes --for/, 64],
      [['suppress', 'path', '--rule', 'r', '--reason', 'x', '--for', '1d'], /path is no cond/, 64],
      [['unsuppress', '999'], /there is no suppression 999/, 1],
      [['close', '1', '--rule', 'r'], /--rule is for suppress/, 64],
      [['--status', 'open'], /--status takes new/, 64],
    ] as const) {
      const ran = await there('detections', ...words);
      assert.equal(ran.code, code, words.join(' '));
      assert.match(ran.said, wanted);
      assert.doesNotMatch(ran.said, / {4}at /);
    }
  });

  it('goes on without the daemon', async () => {
    await daemon.stop();
    const [hostile] = await listed('--status', 'acknowledged');
    const { code } = await there('detections', 'false-positive', `${hostile?.id}`);
    assert.equal(code, 0);
    const sql = "SELECT rule FROM detections WHERE status = 'false_positive'";
    const asked = await there('query', '--csv', sql);
    assert.equal(asked.out, 'rule\r\npack_t_hostile\r\n', asked.said);
  });

  it('says where there is nothing', async () => {
    const ran = await weir('detections', '--state-dir', join(folder, 'none'));
    assert.equal(ran.code, 1);
    assert.match(ran.said, /no daemon answers on .* and there is no /);
  });
});

describe('detections from before they were grouped', () => {
  it('are detections of their own', async () => {
    const folder = makeScratch();
    const path = join(folder, 'results.db');
    const old = knex({
      client: 'better-sqlite3',
      connection: { filename: path },
      useNullAsDefault: true,
    });
    try {
      const config = { migrationSource: MIGRATIONS, tableName: 'weir_migrations' };
      for (const _ of ['001', '002', '003']) await old.migrate.up(config);
      for (const idx of [0, 1]) {
        const what = {
          rule: 'r',
          severity: 'low',
          attack: '[]',
          description: '',
          row: '{"a":"1"}',
        };
        await old('detections').insert({ host: 'h', run_id: 1, idx, unix_time: 5, ...what });
      }
    } finally {
      await old.destroy();
    }
    const store = await openResultStore({ client: 'sqlite', path }, 'h');
    const groups = await store.groups(10);
    assert.deepEqual(
      groups.map((each) => [each.rule, each.count, each.status, each.lastTime]),
      [
        ['r', 1, 'new', 5],
        ['r', 1, 'new', 5],
      ],
    );
    assert.equal((await store.groupRows(groups[0]?.id ?? 0, 5)).length, 1);
    await store.close();
    removeScratch(folder);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { makeLogger } from '../../src/config/log.ts';
import type { Config } from '../../src/config/schema.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { FakeProvider } from '../helpers/fake-provider.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const STREAMING = { mode: 'streaming', severity: 'low' } as const;

describe('daemon: queries of the configuration', () => {
  let stateDir: string;
  let provider: FakeProvider;
  let daemon: Daemon;
  let changed: Partial<Config>;

  beforeEach(() => {
    stateDir = makeScratch();
    provider = new FakeProvider();
  });

  afterEach(async () => {
    await daemon.stop();
    removeScratch(stateDir);
  });

  async function start(settings: Partial<Config>): Promise<void> {
    changed = settings;
    const reread = () => {
      const read = loadConfig({ flags: { stateDir }, environment: {}, defaultFile: '/none' });
      return { ...read, config: { ...read.config, ...changed } };
    };
    daemon = await Daemon.start({
      config: reread().config,
      reread,
      log: makeLogger({ level: 'silent' }),
      makeProvider: () => provider,
    });
  }

  interface Line {
    readonly name: string;
    readonly columns: Readonly<Record<string, string>>;
    readonly decorations?: Readonly<Record<string, string>>;
  }

  const lines = (count: number): Promise<Line[]> =>
    eventually(
      () => {
        try {
          const text = readFileSync(join(stateDir, 'log', 'weir.results.log'), 'utf8');
          return text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Line);
        } catch {
          return [];
        }
      },
      (all) => all.length >= count,
    );

  it('read views, and carry decorations in every line', async () => {
    await start({
      views: { shells: "SELECT pid, path FROM process_events WHERE path LIKE '%sh'" },
      decorators: { load: ["SELECT 'x' AS site"], always: [], interval: {} },
      schedule: { rule: { ...STREAMING, query: 'SELECT path FROM shells WHERE pid > 1' } },
    });
    provider.emit('process', [
      { pid: 1, path: '/bin/sh' },
      { pid: 2, path: '/bin/zsh' },
      { pid: 3, path: '/bin/ls' },
    ]);
    const [line] = await lines(1);
    assert.deepEqual(line?.columns, { path: '/bin/zsh' });
    assert.deepEqual(line?.decorations, { site: 'x' });
    const shells = await daemon.pool.query('SELECT pid FROM shells ORDER BY pid');
    assert.deepEqual(shells.rows, [[1n], [2n]]);
  });

  it('read what the host tells as they read all events: each row once', async () => {
    const stick = { topic: 'hardware', action: 'add', type: 'usb_device', model: 'Ultra' };
    await start({
      scheduler: { splay_percent: 0, default_interval: 1, epoch: 0, pack_delimiter: '_' },
      schedule: {
        devices: { query: 'SELECT action, model, path FROM hardware_events', interval: 1 },
        rule: { ...STREAMING, query: 'SELECT message FROM user_events WHERE type = 1112' },
      },
    });
    provider.emit('host', [stick, { topic: 'user', number: 1112, message: 'op=login' }]);
    await lines(2);
    provider.emit('host', [
      { ...stick, action: 'remove' },
      { topic: 'user', number: 1100 },
    ]);
    const all = await lines(3);
    const columns = all.map((line) => line.columns);
    assert.deepEqual(
      columns.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      [
        { action: 'add', model: 'Ultra', path: '' },
        { action: 'remove', model: 'Ultra', path: '' },
        { message: 'op=login' },
      ],
    );
  });

  it('add paths to categories, whose excluded paths are their own', async () => {
    await start({
      file_paths: { etc: ['/etc/%%'], other: ['/etc/%%', '/srv/%%'] },
      file_paths_query: { asked: ["SELECT '/asked/%%' AS path UNION ALL SELECT 'relative'"] },
      exclude_paths: { etc: ['/etc/mtab'] },
      schedule: { rule: { ...STREAMING, query: 'SELECT category, target_path FROM file_events' } },
    });
    const paths = ['/etc/passwd', '/etc/mtab', '/srv/x', '/asked/a/b', '/elsewhere'];
    provider.emit(
      'file',
      paths.map((target_path) => ({ action: 'create', target_path })),
    );
    const found = (await lines(4)).map(({ columns }) => [columns.category, columns.target_path]);
    assert.deepEqual(found, [
      ['etc', '/etc/passwd'],
      ['other', '/etc/mtab'],
      ['other', '/srv/x'],
      ['asked', '/asked/a/b'],
    ]);
  });

  it('stream only in packs that are for this host', async () => {
    const query = { ...STREAMING, query: 'SELECT path FROM process_events' };
    await start({
      packs: {
        mine: { discovery: ['SELECT 1'], queries: { q: query } },
        other: { discovery: ['SELECT 1', 'SELECT 1 WHERE 0'], queries: { q: query } },
      },
    });
    provider.emit('process', [{ path: '/bin/a' }]);
    provider.emit('process', [{ path: '/bin/b' }]);
    const found = (await lines(2)).map(({ name, columns }) => [name, columns.path]);
    assert.deepEqual(found, [
      ['pack_mine_q', '/bin/a'],
      ['pack_mine_q', '/bin/b'],
    ]);
  });

  it('go on through a reload, which takes away, adds, and keeps', async () => {
    const query = (sql: string) => ({ ...STREAMING, query: sql });
    const keep = query('SELECT path FROM process_events');
    await start({ schedule: { keep, gone: keep } });
    provider.emit('process', [{ path: '/bin/a' }]);
    await lines(2);
    changed = { schedule: { keep, added: keep } };
    await daemon.reload();
    provider.emit('process', [{ path: '/bin/b' }]);
    const found = (await lines(4)).map(({ name, columns }) => `${name} ${columns.path}`);
    assert.deepEqual(found.sort(), ['added /bin/b', 'gone /bin/a', 'keep /bin/a', 'keep /bin/b']);
  });
});

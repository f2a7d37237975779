import assert from 'node:assert/strict';
import { checkDocument } from '../../src/config/document.ts';
import { problemText } from '../../src/config/problems.ts';

const problems = (document: unknown): string[] =>
  checkDocument(typeof document === 'string' ? document : JSON.stringify(document)).problems.map(
    (problem) => problemText(problem).replace(/^\d+:\d+: /, ''),
  );

describe('checkDocument', () => {
  it('fills every default of an empty document', () => {
    const { value, problems: found } = checkDocument('{}');
    assert.deepEqual(found, []);
    assert.equal(value?.state_dir, '/var/lib/weir');
    assert.equal(value?.debounce.window_ms, 10_000);
    assert.equal(value?.store.max_age, 30 * 86_400);
    assert.equal(value?.collect.only.cgroups.length, 0);
  });

  it('accepts a document that uses every key', () => {
    const document = {
      state_dir: '/tmp/weir',
      socket: '/tmp/weir/s',
      host_identifier: 'web-1',
      provider: 'ebpf',
      collect: {
        process: true,
        socket: false,
        file: true,
        unix_sockets: false,
        only: { cgroups: ['/a', 7, '18446744073709551615'], executables: ['/bin/sh'] },
        read_paths: ['/etc/shadow', '/root/.ssh/'],
      },
      exclude: [
        { path: '/tmp/**', reason: 'noise' },
        {
          executable: '/usr/bin/x',
          user: 'www-data',
          actions: ['connect'],
          tables: ['socket_events'],
        },
        { uid: 0, port: 53 },
        { cgroup: 12 },
      ],
      debounce: { window_ms: 0, entries: 1024 },
      send_window_ms: 0,
      file_paths: { etc: ['/etc/%%'] },
      exclude_paths: { etc: ['/etc/mtab'] },
      file_accesses: ['etc'],
      schedule: { q: { query: 'SELECT 1', interval: '60', snapshot: true } },
      packs: { a: '/etc/weir/a.conf', '*': '/etc/weir/packs/*', b: { queries: {} } },
      options: { utc: true },
      scheduler: { splay_percent: 0, default_interval: 60, epoch: 1, pack_delimiter: '/' },
      store: {
        max_age: '2w',
        max_bytes: '512 MB',
        flush_ms: 100,
        tables: { socket_events: { max_age: '1d', max_bytes: '64 MiB' } },
      },
      query: { timeout_ms: 1000, max_rows: 10, workers: 1 },
      results: { client: 'pg', connection: 'postgres:///weir' },
      logger: {
        path: null,
        stdout: true,
        event_type: false,
        snapshot_event_type: true,
        numerics: true,
        level: 'warn',
      },
    };
    assert.deepEqual(problems(document), []);
    const { value } = checkDocument(JSON.stringify(document));
    assert.equal(value?.store.max_age, 14 * 86_400);
    assert.equal(value?.store.max_bytes, 512e6);
  });

  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [
      'an unknown key with the right one',
      { stat_dir: '/x' },
      /^error: stat_dir: .*did you mean state_dir\?$/,
    ],
    [
      'an unknown key deep inside',
      { exclude: [{ pth: '/x/' }] },
      /^error: exclude\[0\]\.pth: .*did you mean path\?$/,
    ],
    [
      'what is allowed, for a key like none',
      { collect: { zebra: 1 } },
      /allowed here: behavior, dns, file, host, kernel, only, process, read_paths, socket, unix_sockets$/,
    ],
    [
      'a wrong number',
      { exclude: [{ port: 70_000 }] },
      /^error: exclude\[0\]\.port: a whole number from 1 to 65535, not 70000$/,
    ],
    ['a wrong kind', { debounce: 3 }, /^error: debounce: an object \{\.\.\.\}, not 3$/],
    [
      'a wrong word with the right one',
      { provider: 'epbf' },
      /^error: provider: one of auto, ebpf, netlink, off, not "epbf" \(did you mean ebpf\?\)$/,
    ],
    ['a wrong action', { exclude: [{ actions: ['conect'] }] }, /did you mean connect\?\)$/],
    [
      'a relative path',
      { state_dir: 'here' },
      /^error: state_dir: an absolute path: it begins with \/, not "here"$/,
    ],
    [
      'a relative pattern',
      { exclude: [{ path: 'tmp/*' }] },
      /begins with \/ or \*\*\/, not "tmp\/\*"$/,
    ],
    [
      'a duration that is none',
      { store: { max_age: '1y' } },
      /^error: store\.max_age: seconds, or a number with s, m, h, d or w/,
    ],
    [
      'a cgroup that is none',
      { collect: { only: { cgroups: ['x'] } } },
      /^error: collect\.only\.cgroups\[0\]: a path below the cgroup2 mount/,
    ],
    [
      'pg without connection',
      { results: { client: 'pg' } },
      /^error: results\.connection: client "pg" needs/,
    ],
    [
      'a query without SQL',
      { schedule: { q: {} } },
      /^error: schedule\.q\.query: text is missing$/,
    ],
    ['a pack of the wrong kind', { packs: { p: 3 } }, /^error: packs\.p: a pack, the path/],
    [
      'a rule without condition',
      { exclude: [{ reason: 'x' }] },
      /^error: exclude\[0\]: leaves out everything/,
    ],
    ['a rule of tables alone', { exclude: [{ tables: ['file_events'] }] }, /leaves out everything/],
    [
      'a rule for every file',
      { exclude: [{ path: '/**' }] },
      /^error: exclude\[0\]: path \/\*\* holds for everything/,
    ],
    ['a rule for every program', { exclude: [{ executable: '/' }] }, /holds for everything/],
    [
      'a rule that cannot hold',
      { exclude: [{ path: '/x/', port: 3 }] },
      /^error: exclude\[0\]: can never hold/,
    ],
    [
      'an action that cannot be',
      { exclude: [{ path: '/x/', actions: ['exec'] }] },
      /can never hold/,
    ],
    [
      'a table that cannot be',
      { exclude: [{ port: 1, tables: ['file_events'] }] },
      /can never hold/,
    ],
    ['uid and user at once', { exclude: [{ uid: 1, user: 'a' }] }, /not both$/],
    [
      'a category that misses',
      { file_paths: { etc: [] }, exclude_paths: { ect: [] } },
      /^warning: exclude_paths\.ect: no such category in file_paths: did you mean etc\?$/,
    ],
    [
      'osquery’s keys without effect yet',
      { kafka_topics: {} },
      /^warning: kafka_topics: osquery’s/,
    ],
    [
      'an unknown option',
      { options: { host_identifer: 'x' } },
      /^warning: options\.host_identifer: .*did you mean host_identifier\?$/,
    ],
    [
      'an option with another name here',
      { options: { events_expiry: 3600 } },
      /^warning: options\.events_expiry: .*store\.max_age/,
    ],
    ['a document that is no object', [], /^error: the document must be an object/],
    ['a syntax error', '{"a": }', /^error: a value was expected, not "}"$/],
    [
      'a key that is set twice',
      '{"socket": "/a", "socket": "/b"}',
      /^error: socket: set more than once$/,
    ],
    ['keys that are no words', { packs: { 'a b': 3 } }, /^error: packs\["a b"\]: /],
  ];
  for (const [name, document, expected] of cases) {
    it(`tells ${name}`, () => {
      const found = problems(document);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] as string, expected);
    });
  }

  it('lists every problem, in the order of the file, with line and column', () => {
    const text = '{\n  "zzz": 1,\n  "store": {"flush_ms": 0},\n  "exclude": [{"port": "x"}]\n}';
    const found = checkDocument(text);
    assert.equal(found.value, undefined);
    assert.deepEqual(
      found.problems.map((p) => [p.line, p.column, p.path]),
      [
        [2, 3, 'zzz'],
        [3, 13, 'store.flush_ms'],
        [4, 16, 'exclude[0].port'],
      ],
    );
    assert.match(problemText(found.problems[0] as never, 'f'), /^f:2:3: error: zzz: /);
  });

  it('moves osquery’s options to the settings that they are called here', () => {
    const { value } = checkDocument(
      JSON.stringify({
        options: {
          host_identifier: 'specified',
          specified_identifier: 'web-1',
          logger_path: '/var/log/osquery',
          logger_event_type: 'false',
          logger_plugin: 'filesystem,stdout',
          schedule_splay_percent: '20',
          enable_file_events: 'false',
          audit_allow_process_events: 'true',
        },
        logger: { path: '/mine' },
      }),
    );
    assert.equal(value?.host_identifier, 'web-1');
    assert.equal(value?.logger.path, '/mine', 'what the document says itself wins');
    assert.equal(value?.logger.event_type, false);
    assert.deepEqual(value?.logger.stdout, { format: 'osquery' });
    assert.equal(value?.logger.syslog, null);
    assert.equal(value?.scheduler.splay_percent, 20);
    assert.equal(value?.collect.file, false);
    assert.equal(value?.collect.process, true);
  });

  it('knows where osquery’s logger plugins put lines', () => {
    const loggerOf = (plugin: string) =>
      checkDocument(JSON.stringify({ options: { logger_plugin: plugin } })).value?.logger;
    const syslog = loggerOf('syslog, stdout');
    assert.deepEqual([syslog?.path, syslog?.stdout?.format], [null, 'osquery']);
    assert.equal(syslog?.syslog?.facility, 'local3');
    assert.equal(loggerOf('tls')?.path, undefined, 'files, which are the default');
    assert.equal(loggerOf('filesystem,syslog')?.path, undefined);
  });

  it('takes osquery’s other keys', () => {
    const { value, problems } = checkDocument(
      JSON.stringify({
        events: { disable_subscribers: ['socket_events'] },
        views: { admins: 'SELECT * FROM users WHERE uid = 0' },
        decorators: { always: ['SELECT 1 AS one'], interval: { '60': ['SELECT 2 AS two'] } },
        file_paths: { etc: ['/etc/%%'] },
        file_paths_query: { homes: ['SELECT directory AS path FROM users'] },
        file_accesses: ['homes'],
        yara: { signatures: { bad: ['/etc/bad.yar'] }, file_paths: { etc: ['bad'] } },
      }),
    );
    assert.deepEqual(problems, []);
    assert.equal(value?.collect.socket, false);
    assert.deepEqual(value?.yara.signatures, { bad: ['/etc/bad.yar'] });
  });

  it('checks tables of other databases where they are for this platform', () => {
    const windows = { path: 'C:\\x', query: 'SELECT a', columns: ['a b'], platform: 'windows' };
    const check = (tables: object): string[] =>
      checkDocument(JSON.stringify({ auto_table_construction: tables })).problems.map(
        ({ path, message }) => `${path}: ${message}`,
      );
    const here = { path: '/home/%/db', query: 'SELECT a', columns: ['a', 'path'] };
    assert.deepEqual(
      check({ windows, here, other: { ...here, description: 'osquery ignores it' } }),
      [],
    );
    const wrong = check({
      windows: { ...windows, platform: 'windows,linux' },
      none: { ...here, columns: [] },
      'a b': here,
    });
    assert.equal(wrong.length, 4, wrong.join());
    assert.match(wrong.join(), /windows\.path: an absolute path.*windows\.columns\[0\]: a name/s);
    assert.match(wrong.join(), /none\.columns.*\["a b"\]: names of letters/s);
  });

  it('refuses decorators at odd times and yara groups that are not there', () => {
    const { problems } = checkDocument(
      JSON.stringify({
        decorators: { interval: { '90': [] } },
      }),
    );
    assert.match(problems[0]?.message ?? '', /multiples of 60/);
    const yara = { signatures: { bad: [] }, file_paths: { etc: ['bda'] } };
    const found = checkDocument(
      JSON.stringify({ file_paths: { etc: ['/etc/%%'] }, yara }),
    ).problems;
    assert.deepEqual(
      found.map(({ severity, path, message }) => [severity, path, message]),
      [['error', 'yara.file_paths.etc[0]', 'no such group of signatures: did you mean bad?']],
    );
  });
});

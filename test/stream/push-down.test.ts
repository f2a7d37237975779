import assert from 'node:assert/strict';
import { checkDocument } from '../../src/config/document.ts';
import { WeirError } from '../../src/config/errors.ts';
import { type PushedDown, pushDown, thisHost } from '../../src/stream/push-down.ts';
import { classBit } from '../../src/stream/rules.ts';
import type { RuleHost } from '../../src/stream/split-rule.ts';

const FILE = classBit('file');
const SOCKET = classBit('socket');
const PROCESS = classBit('process');
const LIFECYCLE = classBit('lifecycle');
const SEEN = classBit('seen');
const KERNEL = classBit('kernel');
const DNS = classBit('dns');
const BEHAVIOR = classBit('behavior');
const ALL = PROCESS | LIFECYCLE | SOCKET | FILE | KERNEL | DNS | BEHAVIOR;

const host: RuleHost = {
  userId: (name) => (name === 'backup' ? 34 : undefined),
  mountNamespace: () => 4026531841,
  cgroupId: (path) => (path === '/there' ? 77n : undefined),
  realPath: (path) =>
    ({ '/bin/sh': '/usr/bin/dash', '/usr/bin/dash': '/usr/bin/dash', '/opt/x': '/opt/x' })[path],
};

function push(document: object): PushedDown {
  const { value, problems } = checkDocument(JSON.stringify(document));
  assert.ok(value, JSON.stringify(problems));
  return pushDown(value, host);
}

const rule = (exclusion: object): PushedDown => push({ exclude: [exclusion] });

describe('pushDown', () => {
  it('collects everything everywhere by default', () => {
    const { filters, rules, warnings } = push({});
    const { behavior, ...others } = filters;
    assert.deepEqual(behavior.thresholds, [50, 200, 5000, 1000, 64, 128, 3000, 20]);
    assert.deepEqual(others, {
      classes: ALL | SEEN,
      onlyCgroups: [],
      onlyExecutables: [],
      excludeCgroups: [],
      excludeExecutables: [],
      excludeUids: [],
      excludePorts: [],
      excludeAddresses: [],
      excludePrefixes: [],
      readPrefixes: [],
      unixSockets: true,
      sendWindowMs: 10_000,
      repeatBurst: 64,
      repeatIntervalMs: 100,
      treeRate: 200_000,
      cgroupRate: 400_000,
      rateBurst: 1_000_000,
    });
    assert.deepEqual(rules, { exclude: [] });
    assert.deepEqual(warnings, []);
  });

  it('tells the kernel what to do about verdicts', () => {
    const { behavior } = push({
      behavior: {
        ransomware: { respond: 'kill' },
        mass_delete: { threshold: 7, respond: 'stop' },
        port_sweep: { respond: 'alert' },
      },
      response: { enabled: true, dry_run: true, protected: ['/opt/x'], limit: 3 },
    }).filters;
    assert.equal(behavior.kill, 0b1);
    assert.equal(behavior.stop, 0b100);
    assert.equal(behavior.thresholds[2], 7);
    assert.ok(behavior.respond && behavior.dryRun);
    assert.equal(behavior.limit, 3);
    assert.equal(behavior.limitIntervalMs, 60_000);
    assert.ok(behavior.protectedExecutables.includes('/opt/x'));
    assert.ok(behavior.protectedExecutables.includes('/usr/sbin/sshd'));
    assert.equal(push({}).filters.behavior.respond, false);
  });

  it('folds no repeats in the kernel when every one is wanted as a row', () => {
    assert.equal(push({ debounce: { window_ms: 0 } }).filters.repeatIntervalMs, 0);
    const { filters } = push({ sensor: { repeats: { interval_ms: 0 }, rate_limit: { tree: 0 } } });
    assert.equal(filters.repeatIntervalMs, 0);
    assert.equal(filters.treeRate, 0);
  });

  it('switches classes, forks and exits with process', () => {
    assert.equal(
      push({ collect: { process: false } }).filters.classes,
      SOCKET | FILE | KERNEL | DNS | BEHAVIOR | SEEN,
    );
    assert.equal(
      push({ collect: { file: false, socket: false, kernel: false, dns: false } }).filters.classes,
      PROCESS | LIFECYCLE | BEHAVIOR | SEEN,
    );
  });

  const kernel: readonly (readonly [object, keyof PushedDown['filters'], unknown])[] = [
    [{ path: '/tmp/' }, 'excludePrefixes', { prefix: '/tmp/', classes: FILE }],
    [{ path: '/tmp/**' }, 'excludePrefixes', { prefix: '/tmp/', classes: FILE }],
    [
      { path: `/${'a'.repeat(246)}/` },
      'excludePrefixes',
      { prefix: `/${'a'.repeat(246)}/`, classes: FILE },
    ],
    [
      { path: '/tmp/', tables: ['file_events'] },
      'excludePrefixes',
      { prefix: '/tmp/', classes: FILE },
    ],
    [{ executable: '/bin/sh' }, 'excludeExecutables', { file: '/usr/bin/dash', classes: ALL }],
    [
      { executable: '/opt/x', mount_namespace: 'host' },
      'excludeExecutables',
      { file: '/opt/x', classes: ALL },
    ],
    [
      { executable_file: '8:1:99', tables: ['socket_events'] },
      'excludeExecutables',
      { file: { dev: (8n << 20n) | 1n, inode: 99n }, classes: SOCKET },
    ],
    [
      { address: '10.0.0.0/8' },
      'excludeAddresses',
      { network: { address: '10.0.0.0', bits: 8 }, classes: SOCKET },
    ],
    [
      { address: 'fd00::1' },
      'excludeAddresses',
      { network: { address: 'fd00::1', bits: 128 }, classes: SOCKET },
    ],
    [
      { executable: '/opt/x', tables: ['socket_events'] },
      'excludeExecutables',
      { file: '/opt/x', classes: SOCKET },
    ],
    [{ uid: 0, actions: ['exec'] }, 'excludeUids', { uid: 0, classes: PROCESS }],
    [{ uid: 0, actions: ['fork', 'exit'] }, 'excludeUids', { uid: 0, classes: LIFECYCLE }],
    [{ uid: 0, tables: ['kernel_events'] }, 'excludeUids', { uid: 0, classes: KERNEL }],
    [{ user: 'backup' }, 'excludeUids', { uid: 34, classes: ALL }],
    [{ port: 53 }, 'excludePorts', { port: 53, classes: SOCKET }],
    [{ cgroup: '/there' }, 'excludeCgroups', { id: 77n, classes: ALL }],
    [{ cgroup: 12 }, 'excludeCgroups', { id: 12n, classes: ALL }],
    [
      { cgroup: '18446744073709551615' },
      'excludeCgroups',
      { id: 18446744073709551615n, classes: ALL },
    ],
  ];
  for (const [exclusion, map, entry] of kernel) {
    it(`gives the kernel ${JSON.stringify(exclusion).slice(0, 60)}`, () => {
      const { filters, rules } = rule(exclusion);
      assert.deepEqual(filters[map], [{ ...(entry as object), slot: 1 }]);
      // Where two names count, the stream decides, and the kernel does not.
      const left = rules.exclude.map(({ actions }) => [...(actions ?? [])]);
      assert.deepEqual(left, map === 'excludePrefixes' ? [['rename', 'link']] : []);
    });
  }

  const stream: readonly (readonly [string, object])[] = [
    ['a single file: a prefix would take /tmpfoo too', { path: '/tmp' }],
    ['a wildcard inside a path', { path: '/home/*/.cache/**' }],
    ['a prefix that the trie cannot hold', { path: `/${'a'.repeat(247)}/` }],
    ['a prefix whose bytes are too many', { path: `/${'é'.repeat(124)}/` }],
    ['some actions of a class', { path: '/tmp/', actions: ['unlink'] }],
    ['some actions for a port', { port: 53, actions: ['connect'] }],
    ['two conditions', { path: '/tmp/', executable: '/bin/sh' }],
    ['an executable that is not there yet', { executable: '/not/here' }],
    ['a pattern of executables', { executable: '/usr/lib/jvm/**' }],
    ['a user that is not there yet', { user: 'nobody-yet' }],
    ['a cgroup that is not there yet', { cgroup: '/not/yet' }],
    ['a name in another mount namespace', { executable: '/bin/sh', mount_namespace: 4026532000 }],
    ['a tree of processes', { tree: '/bin/sh' }],
    ['a container', { container: '0123456789ab' }],
    ['an extension', { extension: 'log' }],
    ['cgroups below one', { cgroup: '/machine.slice/**' }],
  ];
  for (const [name, exclusion] of stream) {
    it(`leaves the stream ${name}`, () => {
      const { filters, rules } = rule(exclusion);
      assert.equal(rules.exclude.length, 1);
      assert.equal(rules.exclude[0]?.index, 0);
      for (const [key, value] of Object.entries(filters)) {
        if (key.startsWith('exclude')) assert.deepEqual(value, [], key);
      }
    });
  }

  it('matches an executable named by a symbolic link under its real name as well', () => {
    const [left] = rule({ executable: '/bin/sh', uid: 0 }).rules.exclude;
    assert.ok(left?.executables?.some((pattern) => pattern.matchesText('/usr/bin/dash')));
    assert.ok(left?.executables?.some((pattern) => pattern.matchesText('/bin/sh')));
  });

  it('takes a name of an executable for the host’s', () => {
    const of = (exclusion: object) => rule(exclusion).rules.exclude[0]?.mountNamespace;
    assert.equal(of({ executable: '/usr/lib/jvm/**' }), 4026531841);
    assert.equal(of({ executable: '/usr/lib/jvm/**', mount_namespace: 'any' }), undefined);
    assert.equal(of({ executable: '/usr/lib/jvm/**', mount_namespace: 7 }), 7);
    assert.equal(of({ tree: '/usr/bin/apt' }), 4026531841);
    assert.equal(of({ tree: '-12' }), undefined);
  });

  it('leaves out what has expired, and other scopes', () => {
    const { filters, rules, places } = push({
      exclude: [
        { uid: 1, expires: 1 },
        { uid: 2, scope: 'detection' },
        { uid: 3, expires: '2999-01-01T00:00:00Z' },
        { extension: 'log' },
        { path: '/tmp/' },
      ],
    });
    assert.deepEqual(filters.excludeUids, [{ uid: 3, classes: ALL, slot: 3 }]);
    assert.equal(rules.exclude.length, 2);
    assert.deepEqual(
      [...places],
      [
        [2, 'kernel'],
        [3, 'stream'],
        [4, 'kernel, stream'],
      ],
    );
  });

  it('warns of a user that is not there', () => {
    const { warnings } = rule({ user: 'nobody-yet' });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /^exclude\[0\]: there is no user nobody-yet/);
  });

  it('restricts collection by id and real path, and refuses what does not exist', () => {
    const only = { cgroups: ['/there', 5], executables: ['/bin/sh'] };
    const { filters } = push({ collect: { only } });
    assert.deepEqual(filters.onlyCgroups, [77n, 5n]);
    assert.deepEqual(filters.onlyExecutables, ['/usr/bin/dash']);
    for (const missing of [{ cgroups: ['/gone'] }, { executables: ['/gone'] }]) {
      assert.throws(
        () => push({ collect: { only: missing } }),
        (error) =>
          error instanceof WeirError && error.code === 'CONFIG_SCOPE' && error.exitCode === 78,
      );
    }
  });

  it('asks the kernel for the part of a read pattern that it can hold', () => {
    const below = push({ collect: { read_paths: ['/root/.ssh/', '/etc/ssl/private/**'] } });
    assert.deepEqual(below.filters.readPrefixes, ['/root/.ssh/', '/etc/ssl/private/']);
    assert.equal(below.rules.reads, undefined, 'the stream need not look again');

    const finer = push({ collect: { read_paths: ['/etc/shadow', '/home/*/.ssh/id_*'] } });
    assert.deepEqual(finer.filters.readPrefixes, ['/etc/shadow', '/home/']);
    assert.equal(finer.rules.reads?.[0]?.paths.length, 2);

    const long = push({ collect: { read_paths: [`/a/${'é'.repeat(150)}/b`] } });
    assert.deepEqual(long.filters.readPrefixes, ['/a/']);

    const all = push({ collect: { read_paths: ['**/id_rsa'] } });
    assert.deepEqual(all.filters.readPrefixes, ['/']);
    assert.equal(all.warnings.length, 1);
  });

  it('reads files of the categories in file_accesses', () => {
    const { filters, rules } = push({
      file_paths: { keys: ['/home/%/.ssh/%%'], etc: ['/etc/%%'] },
      file_accesses: ['keys'],
    });
    assert.deepEqual(filters.readPrefixes, ['/home/']);
    assert.ok(rules.reads?.[0]?.paths[0]?.matchesText('/home/eve/.ssh/id_rsa'));

    const but = push({
      file_paths: { etc: ['/etc/%%'] },
      exclude_paths: { etc: ['/etc/ssl/%%'], other: ['/etc/%%'] },
      file_accesses: ['etc'],
    });
    assert.deepEqual(but.filters.readPrefixes, ['/etc/']);
    assert.ok(but.rules.reads?.[0]?.except[0]?.matchesText('/etc/ssl/x'), 'the stream looks again');
    assert.equal(but.rules.reads?.[0]?.except.length, 1, 'its own only');
  });

  it('asks the running host', () => {
    const here = thisHost();
    assert.equal(here.userId('root'), 0);
    assert.equal(here.userId('no such user'), undefined);
    assert.equal(here.realPath('/proc/self/no-such-file'), undefined);
    assert.ok(here.realPath('/bin/sh')?.startsWith('/'));
    assert.equal(here.cgroupId('/no/such/cgroup'), undefined);
  });
});

import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { EventBatch } from '../../src/sensor/batch.ts';
import { exclude } from '../../src/stream/exclude.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { PathPattern } from '../../src/stream/path-pattern.ts';
import type { StreamRule, StreamRules } from '../../src/stream/rules.ts';
import { eventBatch, selectedValues } from '../helpers/batch.ts';

const ALL = new Set(['process', 'lifecycle', 'socket', 'file'] as const);
const rule = (conditions: Partial<StreamRule>): StreamRule => ({
  index: 0,
  slot: 1,
  classes: ALL,
  ...conditions,
});

const CONTAINER = {
  ...{ id: 'ab'.repeat(32), name: 'web', image: '', runtime: 'runc' },
  ...{ podName: '', podNamespace: '', podUid: '' },
};

function operator(rules: StreamRules) {
  const counted: [string, number, number][] = [];
  const failures: unknown[] = [];
  return {
    counted,
    failures,
    exclude: exclude({
      rules,
      count: (...what) => counted.push(what),
      guard: new StreamGuard((_operator, error) => failures.push(error)),
      cgroups: { pathOf: (low) => (low === 7 ? '/docker/x' : undefined) },
      // As beside cgroup v1, where all processes of the host may share one cgroup2.
      containers: { factsOf: ({ mntNs }) => (mntNs === 5 ? CONTAINER : undefined) },
      userId: (name) => (name === 'eve' ? 1001 : undefined),
    }),
  };
}

function left(rules: StreamRules, batch: EventBatch, column: string): unknown[] {
  const { exclude: drop, failures } = operator(rules);
  of(batch).pipe(drop).subscribe();
  assert.deepEqual(failures, []);
  return selectedValues(batch, column);
}

const only = (conditions: Partial<StreamRule>): StreamRules => ({ exclude: [rule(conditions)] });

const files = (): EventBatch =>
  eventBatch('file', [
    { pid: 1, action: 'create', target_path: '/tmp/a', path: '/bin/sh', uid: 0 },
    { pid: 2, action: 'rename', target_path: '/tmp/b', dest_path: '/tmp/c', path: '/bin/mv' },
    {
      pid: 3,
      action: 'rename',
      target_path: '/tmp/b',
      dest_path: '/etc/cron.d/c',
      path: '/bin/mv',
    },
    { pid: 4, action: 'link', target_path: '/tmp/b', dest_path: '/etc/x', path: '/bin/ln' },
    { pid: 5, action: 'symlink', target_path: '/tmp/l', dest_path: '/etc/passwd', uid: 1001 },
    { pid: 6, action: 'unlink', target_path: '/etc/x', path: '/bin/sh' },
    { pid: 7, action: 'unlink', target_path: null, path: '/bin/sh' },
  ]);

describe('exclude', () => {
  it('hands every batch on at once', () => {
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    scheduler.run(({ cold, expectObservable }) => {
      const batches = { a: files(), b: eventBatch('seen', [{ pid: 1 }]) };
      const { exclude: drop } = operator(only({ path: new PathPattern('/**') }));
      expectObservable(cold('-a-b|', batches).pipe(drop)).toBe('-a-b|', batches);
    });
  });

  it('drops files below a path, but not what leaves it', () => {
    assert.deepEqual(left(only({ path: new PathPattern('/tmp/') }), files(), 'pid'), [3, 4, 6, 7]);
  });

  it('never drops a path that climbs out of it', () => {
    const batch = eventBatch('file', [
      { pid: 1, action: 'unlink', target_path: '/tmp/../etc/passwd' },
      { pid: 2, action: 'rename', target_path: '/tmp/a', dest_path: '/tmp/../etc/x' },
      { pid: 3, action: 'rename', target_path: '/tmp/a', dest_path: '/tmp/a/..' },
      { pid: 4, action: 'unlink', target_path: '/tmp/..a' },
    ]);
    assert.deepEqual(left(only({ path: new PathPattern('/tmp/') }), batch, 'pid'), [1, 2, 3]);
  });

  it('drops by executable', () => {
    const executables = [new PathPattern('/bin/l*'), new PathPattern('/bin/mv')];
    assert.deepEqual(left(only({ executables }), files(), 'pid'), [1, 5, 6, 7]);
  });

  it('needs all conditions of a rule', () => {
    const executables = [new PathPattern('/bin/sh')];
    const both = only({ path: new PathPattern('/tmp/'), executables });
    assert.deepEqual(left(both, files(), 'pid'), [2, 3, 4, 5, 6, 7]);
  });

  it('drops by action, user id and user name', () => {
    assert.deepEqual(left(only({ actions: new Set(['unlink']) }), files(), 'pid'), [1, 2, 3, 4, 5]);
    assert.deepEqual(left(only({ uids: [1001] }), files(), 'pid'), [1, 2, 3, 4, 6, 7]);
    assert.deepEqual(left(only({ username: 'eve' }), files(), 'pid'), [1, 2, 3, 4, 6, 7]);
    assert.equal(left(only({ username: 'nobody' }), files(), 'pid').length, 7);
  });

  it('drops by either port', () => {
    const batch = eventBatch('socket', [
      { pid: 1, local_port: 53, remote_port: 4000 },
      { pid: 2, local_port: 4000, remote_port: 53 },
      { pid: 3, local_port: 1, remote_port: 2 },
    ]);
    assert.deepEqual(left(only({ port: 53, classes: new Set(['socket']) }), batch, 'pid'), [3]);
  });

  it('drops by container, by the first letters of its id', () => {
    const batch = () =>
      eventBatch('process', [
        { pid: 1, cgroup_id: 1n, process_id: 1n, mnt_ns: 5 },
        { pid: 2, cgroup_id: 1n, process_id: 2n, mnt_ns: 6 },
      ]);
    assert.deepEqual(left(only({ container: 'abababababab' }), batch(), 'pid'), [2]);
    assert.deepEqual(left(only({ container: 'babababababa' }), batch(), 'pid'), [1, 2]);
  });

  it('drops by cgroup id and path', () => {
    const batch = () =>
      eventBatch('process', [
        { pid: 1, cgroup_id: 7n },
        { pid: 2, cgroup_id: 2n ** 63n - 1n },
        { pid: 3, cgroup_id: 7n },
      ]);
    const pattern = new PathPattern('/docker/');
    assert.deepEqual(left(only({ cgroup: { pattern } }), batch(), 'pid'), [2]);
    assert.deepEqual(left(only({ cgroup: { id: 2n ** 63n - 1n } }), batch(), 'pid'), [1, 3]);
  });

  it('takes exec as the action of the class that has no other', () => {
    const batch = eventBatch('process', [{ pid: 1 }]);
    assert.deepEqual(left(only({ actions: new Set(['exec']) }), batch, 'pid'), []);
  });

  it('leaves the classes that a rule does not name, and process_seen, alone', () => {
    const batch = eventBatch('file', [{ pid: 1, path: '/x' }]);
    const executables = [new PathPattern('/x')];
    assert.deepEqual(left(only({ executables, classes: new Set(['socket']) }), batch, 'pid'), [1]);
    assert.deepEqual(
      left(only({ executables }), eventBatch('seen', [{ pid: 1, path: '/x' }]), 'pid'),
      [1],
    );
  });

  it('keeps only the reads that were asked for, and all that is no read', () => {
    const batch = eventBatch('file', [
      { pid: 1, action: 'open_read', target_path: '/home/a/.ssh/id' },
      { pid: 2, action: 'open_read', target_path: '/home/a/x' },
      { pid: 3, action: 'open_write', target_path: '/home/a/x' },
    ]);
    const reads = [{ paths: [new PathPattern('/home/*/.ssh/*')], except: [] }];
    assert.deepEqual(left({ exclude: [], reads }, batch, 'pid'), [1, 3]);
  });

  it('keeps no read that its own category leaves out, and one that another wants', () => {
    const read = (pid: number, target_path: string) => ({ pid, action: 'open_read', target_path });
    const batch = () => eventBatch('file', [read(1, '/srv/a'), read(2, '/srv/log/b')]);
    const but = { paths: [new PathPattern('/srv/**')], except: [new PathPattern('/srv/log/**')] };
    assert.deepEqual(left({ exclude: [], reads: [but] }, batch(), 'pid'), [1]);
    const other = { paths: [new PathPattern('/srv/log/*')], except: [] };
    assert.deepEqual(left({ exclude: [], reads: [but, other] }, batch(), 'pid'), [1, 2]);
  });

  it('counts each dropped row once, by class', () => {
    const path = new PathPattern('/tmp/');
    const { exclude: drop, counted } = operator({ exclude: [rule({ path }), rule({ path })] });
    of(files(), files()).pipe(drop).subscribe();
    assert.deepEqual(counted, [
      ['excludedStream', 3, 3],
      ['excludedStream', 3, 3],
    ]);
  });

  it('goes on with the rows it has when a rule fails', () => {
    const failing = rule({ port: 1, classes: new Set(['file']) }); // files have no ports
    const {
      exclude: drop,
      failures,
      counted,
    } = operator({
      exclude: [rule({ path: new PathPattern('/tmp/') }), failing],
    });
    const out: EventBatch[] = [];
    of(files(), files())
      .pipe(drop)
      .subscribe((batch) => out.push(batch));
    assert.equal(out.length, 2);
    assert.equal(failures.length, 1, 'reported once');
    assert.equal(counted.length, 2, 'what was dropped before is counted');
  });
});

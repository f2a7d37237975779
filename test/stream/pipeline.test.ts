import assert from 'node:assert/strict';
import { from } from 'rxjs';
import type { EventBatch } from '../../src/sensor/batch.ts';
import { CgroupPaths } from '../../src/stream/cgroup-paths.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { PathPattern } from '../../src/stream/path-pattern.ts';
import { streamPipeline } from '../../src/stream/pipeline.ts';
import { LiveTee } from '../../src/stream/tee.ts';
import { UserNames } from '../../src/stream/user-names.ts';
import { eventBatch, FakeRowKeeper, selectedValues } from '../helpers/batch.ts';

describe('streamPipeline', () => {
  it('excludes, debounces, enriches, categorizes and shows to live listeners', () => {
    const sum: Record<string, number> = {};
    const live = new LiveTee({ later: (work) => work() });
    const shown: EventBatch[] = [];
    live.subscribe({ next: (batch) => shown.push(batch) });
    const pipeline = streamPipeline({
      config: {
        debounce: { window_ms: 60_000, entries: 1024 },
        file_paths: { etc: ['/etc/%%'] },
        exclude_paths: {},
      },
      rules: {
        exclude: [
          { index: 0, slot: 1, classes: new Set(['file']), path: new PathPattern('/var/*/x') },
        ],
      },
      count: (stage, _class, rows) => {
        sum[stage] = (sum[stage] ?? 0) + rows;
      },
      makeKeeper: (eventClass) => new FakeRowKeeper(eventClass),
      guard: new StreamGuard((_operator, error) => assert.fail(String(error))),
      live,
      users: new UserNames(),
      cgroups: new CgroupPaths(),
    });
    const file = (target_path: string, identity: bigint) => ({
      ...{ action: 'create', uid: 0, count: 1, op_id: identity, cgroup_id: 1n },
      ...{ target_path, identity, time_ns: 5n, first_time_ns: 5n },
    });
    const batches = [
      eventBatch('process', [{ path: '/bin/sh', uid: 0 }]),
      eventBatch('file', [
        file('/etc/a', 1n),
        file('/var/a/x', 2n),
        file('/etc/a', 1n),
        file('/etc/a', 1n),
        file('/tmp/b', 3n),
      ]),
    ];
    const out: EventBatch[] = [];
    from(batches)
      .pipe(pipeline)
      .subscribe((batch) => out.push(batch));

    const rows = out.map((batch) => ({
      class: batch.className,
      users: selectedValues(batch, 'username'),
      counts: selectedValues(batch, 'count'),
      categories: batch.className === 'file' ? selectedValues(batch, 'category') : [],
    }));
    assert.deepEqual(rows, [
      { class: 'process', users: ['root'], counts: [0], categories: [] },
      { class: 'file', users: ['root', 'root'], counts: [1, 1], categories: ['etc', null] },
      { class: 'file', users: ['root'], counts: [2], categories: ['etc'] },
    ]);
    assert.deepEqual(sum, { excludedStream: 1, pendingStream: 0, coalesced: 1 });
    assert.deepEqual(shown, out);
  });
});

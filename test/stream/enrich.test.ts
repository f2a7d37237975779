import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { EventBatch } from '../../src/sensor/batch.ts';
import type { ContainerFacts } from '../../src/stream/container-names.ts';
import { enrich } from '../../src/stream/enrich.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { UserNames } from '../../src/stream/user-names.ts';
import { eventBatch, selectedValues } from '../helpers/batch.ts';

const NOTHING = { name: '', image: '', runtime: '', podName: '', podNamespace: '', podUid: '' };
const web = { ...NOTHING, id: 'ab'.repeat(32), name: 'web', image: 'nginx:1', runtime: 'docker' };
const other = { ...NOTHING, id: 'cd'.repeat(32), image: 'nginx:1', podUid: '0a1b' };
/** By pid. */
const CONTAINERS: Readonly<Record<number, ContainerFacts>> = { 2: web, 4: other };

describe('enrich', () => {
  const operator = () =>
    enrich({
      guard: new StreamGuard((_operator, error) => assert.fail(String(error))),
      users: { nameOf: (uid) => ({ 0: 'root', 33: 'www-data' })[uid] },
      containers: {
        factsOf: ({ cgroupLow, pid }) => (cgroupLow === 8 ? CONTAINERS[pid] : undefined),
      },
    });
  const batch = () =>
    eventBatch('process', [
      { uid: 0, pid: 1, process_id: 1n, cgroup_id: 9n },
      { uid: 33, pid: 2, process_id: 2n, cgroup_id: 8n },
      { uid: 1234, pid: 2, process_id: 2n, cgroup_id: 8n },
      { uid: 0, pid: 3, process_id: 3n, cgroup_id: 8n },
      { uid: 0, pid: 4, process_id: 4n, cgroup_id: 8n },
    ]);

  it('fills user name and what is known of the container, and hands the batch on at once', () => {
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    scheduler.run(({ cold, expectObservable }) => {
      const columns = ['username', 'container_id', 'container_name', 'container_image'];
      columns.push('container_runtime', 'pod_name', 'pod_uid');
      const shown = (b: EventBatch) => columns.map((column) => selectedValues(b, column));
      expectObservable(cold('-a|', { a: batch() }).pipe(operator(), map(shown))).toBe('-a|', {
        a: [
          ['root', 'www-data', null, 'root', 'root'],
          [null, web.id, web.id, null, other.id],
          [null, 'web', 'web', null, null],
          [null, 'nginx:1', 'nginx:1', null, 'nginx:1'],
          [null, 'docker', 'docker', null, null],
          [null, null, null, null, null],
          [null, null, null, null, '0a1b'],
        ],
      });
    });
  });
});

describe('UserNames', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-passwd-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('reads passwd again when it has changed, once a second at most', () => {
    const file = join(folder, 'passwd');
    let now = 0;
    const users = new UserNames(file, () => now);
    assert.equal(users.nameOf(0), undefined, 'no file yet');
    writeFileSync(file, 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nbroken\n+::::::\n');
    assert.equal(users.nameOf(0), undefined);
    now = 1000;
    assert.equal(users.nameOf(0), 'root');
    assert.equal(users.idOf('toor'), 0);
    writeFileSync(file, 'eve:x:5:5::/:/bin/sh\n');
    utimesSync(file, 1, 1);
    assert.equal(users.idOf('eve'), undefined);
    now = 2000;
    assert.equal(users.idOf('eve'), 5);
    assert.equal(users.nameOf(0), undefined);
    rmSync(file);
    now = 3000;
    assert.equal(users.idOf('eve'), 5, 'what is known stays while the file is away');
  });
});

import assert from 'node:assert/strict';
import { checkDocument } from '../../src/config/document.ts';
import { native } from '../../src/native/addon.ts';
import { columnIndex } from '../../src/sensor/batch.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { hotSources } from '../../src/tables/hot-sources.ts';
import { type Row, StoreFixture } from '../store/fixture.ts';

interface Source {
  readonly kind: string;
  readonly name: string;
  readonly classes: string;
  readonly rows: number;
  readonly percent: number;
  readonly bytes: number;
  readonly exclusion: string | null;
  readonly label: string | null;
}

describe('hot sources', () => {
  let fixture: StoreFixture;
  let sources: Source[];
  // When this file was loaded: the suite may come to it minutes later.
  const now = BigInt(Date.now()) * 1_000_000n;
  const at = { time_ns: now, cgroup_id: 77n, path: '/usr/bin/make' };
  const file = (target_path: string, more: Row = {}): Row => ({
    ...{ ...at, action: 'create', target_path },
    ...more,
  });
  const find = (kind: string, name: string): Source | undefined =>
    sources.find((source) => source.kind === kind && source.name === name);

  before(async () => {
    fixture = new StoreFixture();
    fixture.append('file', [
      file('/b/o[1]/x'),
      file('/b/o[1]/x'),
      file('/b/o[1]/deep/y'),
      file('/b/o[1]/x', { action: 'rename', dest_path: '/b/o[1]/z' }),
      file('/b/o[1]/x', { action: 'rename', dest_path: '/etc/passwd' }),
      file('/old', { time_ns: now - 172_800_000_000_000n }),
    ]);
    fixture.append('socket', [
      { ...at, action: 'connect', remote_address: '10.0.0.1', remote_port: 443, local_port: 9 },
      { ...at, action: 'connect', remote_address: '10.0.0.2', remote_port: 5, local_port: 443 },
      { ...at, action: 'connect', remote_address: '10.0.0.2', remote_port: 443, local_port: 443 },
    ]);
    await fixture.store.flush();
    sources = fixture.reader().prepare<[], Source>(hotSources(86_400)).all();
  });
  after(() => fixture.dispose());

  it('counts what a rule would leave out, not what moves out of its place', () => {
    assert.equal(find('file', '/b/o[1]/x')?.rows, 2);
    assert.equal(find('folder', '/b/o[1]/')?.rows, 4);
    assert.equal(find('file', '/old'), undefined);
  });

  it('a port is that of either end, once', () => {
    assert.equal(find('port', '443')?.rows, 3);
    assert.equal(find('remote_address', '10.0.0.2')?.rows, 2);
  });

  it('an initiator adds up its classes; percent is of all rows', () => {
    const make = find('initiator', '/usr/bin/make');
    assert.equal(make?.rows, 8);
    assert.equal(make?.percent, 100);
    assert.deepEqual(make?.classes.split(', ').sort(), ['file', 'socket']);
    assert.ok(Number(make?.bytes) > 0);
  });

  it('the exclusions are rules that a configuration takes, their names literal', () => {
    assert.equal(find('file', '/b/o[1]/x')?.exclusion, '{"path":"/b/o\\\\[1\\\\]/x"}');
    const rules = sources.flatMap(({ exclusion }) => (exclusion === null ? [] : [exclusion]));
    assert.ok(rules.length > 8);
    for (const rule of rules) {
      assert.deepEqual(checkDocument(`{"exclude": [${rule}]}`).problems, [], rule);
    }
  });

  it('a container is called what its runtime calls it', async () => {
    const own = new StoreFixture();
    try {
      const rows = [1, 2, 3].map((pid) => ({ ...at, pid: BigInt(pid) }));
      const texts: Readonly<Record<string, string>> = {
        container_id: 'c0ffee',
        container_name: 'web',
        container_image: 'nginx:1',
      };
      const streams = Object.entries(texts).map(([name, text]) => ({
        column: columnIndex('process', name),
        // The first row is of the host; the second from before the runtime told.
        codes: Uint32Array.from(name === 'container_id' ? [0, 1, 1] : [0, 0, 1]),
        values: ['', text],
      }));
      const batch = native.buildBatch(CLASS_NAMES.indexOf('process'), rows);
      own.store.append(batch, null, streams);
      await own.store.flush();
      const found = own.reader().prepare<[], Source>(hotSources(86_400)).all();
      const [make] = found.filter(({ kind }) => kind === 'initiator');
      assert.equal(make?.exclusion, null, 'the rule would be the host’s alone');
      const called = found.map(({ kind, name, rows, label }) => [kind, name, rows, label]);
      assert.deepEqual(
        called.filter(([kind]) => kind === 'container' || kind === 'initiator'),
        [
          ['initiator', '/usr/bin/make', 3, null],
          ['container', 'c0ffee', 2, 'web of nginx:1'],
        ],
      );
    } finally {
      await own.dispose();
    }
  });

  it('an action and an address have rules', () => {
    assert.equal(find('action', 'create')?.exclusion, '{"actions":["create"]}');
    assert.equal(find('remote_address', '10.0.0.2')?.exclusion, '{"address":"10.0.0.2"}');
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { planQuery } from '../../../src/detect/driver.ts';
import { whyNotStreaming } from '../../../src/detect/streaming/why-not.ts';
import type { ClassName } from '../../../src/sensor/schema.ts';
import { type Connection, openConnection } from '../../../src/sql/connection.ts';
import { EVENT_TABLES } from '../../../src/tables/events/index.ts';
import { SievedEngine } from '../../helpers/sieved-engine.ts';
import { type Row, StoreFixture } from '../../store/fixture.ts';

const TABLES = new Set(EVENT_TABLES.map((table) => table.name));
const SECOND = 1_000_000_000n;
const NOW = 1_800_000_000n * SECOND;

/** The queries of the page's SQL block, in its order. */
function examples(): string[] {
  const page = readFileSync(new URL('../../../docs/detections.md', import.meta.url), 'utf8');
  const block = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  return block.split(/\n\n(?=--)/);
}

describe('docs/detections.md: thresholds and sequences', () => {
  const [threshold, firstSeen, sequence, spread] = examples() as [string, string, string, string];
  let fixture: StoreFixture;
  let connection: Connection;

  beforeEach(() => {
    fixture = new StoreFixture();
    connection = openConnection(fixture.path);
  });

  afterEach(async () => {
    connection.db.close();
    await fixture.dispose();
  });

  /** Rows that the rule gives for each batch in turn. */
  function runs(sql: string, ...batches: readonly (readonly [ClassName, Row])[][]): number[] {
    const plan = planQuery(sql, TABLES, { mode: 'streaming' });
    assert.equal(whyNotStreaming(plan, false), null);
    const { statements } = plan;
    const rules = [{ name: 'r', statements, position: 0n }];
    const limits = { numerics: false, timeoutMs: 0, maxRows: 100 };
    const engine = new SievedEngine(connection, { path: fixture.path, rules, ...limits });
    return batches.map((batch) => {
      for (const [className, row] of batch) {
        fixture.append(className, [{ time_ns: NOW, boot_id: 'b', ...row }]);
      }
      const { outcomes } = engine.pass(fixture.store.highWater());
      assert.deepEqual(
        outcomes.map(({ error }) => error).filter((error) => error !== ''),
        [],
      );
      return outcomes.reduce((sum, { rows }) => sum + rows.length, 0);
    });
  }

  const connect = (seconds: number, row: Row): [ClassName, Row] => [
    'socket',
    {
      action: 'connect',
      family: 2,
      process_id: 1n,
      time_ns: NOW + BigInt(seconds) * SECOND,
      status: 'succeeded',
      ...row,
    },
  ];

  it('are four', () => assert.equal(examples().length, 4));

  it('count failures before a success, of one process, within the time', () => {
    const failed = (seconds: number, process_id = 1n) =>
      connect(seconds, { status: 'failed', process_id });
    assert.deepEqual(
      runs(
        threshold,
        [failed(0), failed(1), failed(2), failed(3), connect(4, {})],
        [failed(5), connect(6, { process_id: 2n }), connect(7, {})],
        [connect(200, {})],
      ),
      [0, 1, 0],
    );
  });

  it('count failures of the whole tree, but not of whatever else init started', () => {
    const failed = (process_id: bigint, parent: number) =>
      connect(1, { status: 'failed', process_id, parent, parent_process_id: BigInt(parent) });
    const then = (process_id: bigint, parent: number) =>
      connect(2, { process_id, parent, parent_process_id: BigInt(parent) });
    // A script (50) that tries once itself, and four times by programs that it starts.
    const tree = [failed(50n, 40), ...[51n, 52n, 53n, 54n].map((id) => failed(id, 50))];
    const services = [61n, 62n, 63n, 64n, 65n].map((id) => failed(id, 1));
    assert.deepEqual(
      runs(threshold, tree, [then(55n, 50)], [then(50n, 40)], [then(99n, 98)], services, [
        then(66n, 1),
      ]),
      [0, 1, 1, 0, 0, 0],
    );
  });

  it('tell what is new on the host', () => {
    const exec = (path: string, parent_path: string): [ClassName, Row] => [
      'process',
      { path, parent_path },
    ];
    assert.deepEqual(
      runs(
        firstSeen,
        [exec('/bin/sh', '/sbin/sshd'), exec('/bin/sh', '/sbin/sshd')],
        [exec('/bin/sh', '/sbin/sshd')],
        [exec('/bin/sh', '/sbin/nginx'), exec('/bin/ls', '/bin/sh')],
      ),
      [1, 0, 2],
    );
  });

  it('tell one thing after another, in one batch or many, but not the other way round', () => {
    const chmod = (path: string): [ClassName, Row] => [
      'file',
      { action: 'chmod', target_path: path },
    ];
    const exec = (path: string, seconds = 1): [ClassName, Row] => [
      'process',
      { path, time_ns: NOW + BigInt(seconds) * SECOND },
    ];
    assert.deepEqual(
      runs(
        sequence,
        [chmod('/tmp/a')],
        [exec('/tmp/a')],
        [chmod('/tmp/b'), exec('/tmp/b')],
        [exec('/tmp/c'), chmod('/tmp/c')],
        [exec('/tmp/a', 400)],
      ),
      [0, 1, 1, 0, 0],
    );
  });

  it('fire once, at the tenth of a kind', () => {
    const to = (i: number) => connect(0, { remote_address: `10.0.0.${i}` });
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    assert.deepEqual(
      runs(spread, numbers.slice(0, 9).map(to), [to(3)], numbers.slice(9).map(to), [to(2)]),
      [0, 0, 1, 0],
    );
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openConnection } from '../../src/sql/connection.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';
import { StoreFixture } from '../store/fixture.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function weir(args: readonly string[], input: string | Uint8Array = ''): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [WEIR, ...args], {
    input,
    maxBuffer: 1 << 28,
  });
  return { code: status, stdout: stdout.toString(), stderr: stderr.toString() };
}

const ORDER = `SELECT seq, 'process' AS class, ntime, pid FROM process_events
  UNION ALL SELECT seq, 'socket', ntime, pid FROM socket_events
  UNION ALL SELECT seq, 'file', ntime, pid FROM process_file_events ORDER BY 1`;

describe('cli: import-events', () => {
  let scratch: string;
  let stateDir: string;
  beforeEach(() => {
    scratch = makeScratch();
    stateDir = join(scratch, 'state');
  });
  afterEach(() => removeScratch(scratch));

  const rows = (sql: string): unknown[] => {
    const { db } = openConnection(join(stateDir, 'events.db'));
    const found = db.prepare<[], unknown[]>(sql).raw().all();
    db.close();
    return found;
  };
  const file = (name: string, text: string | Uint8Array): string => {
    const path = join(scratch, name);
    writeFileSync(path, text);
    return path;
  };
  const bring = (...files: string[]): Outcome =>
    weir(['import-events', '--state-dir', stateDir, ...files]);

  it('puts the tables of a capture back into its order, seq for seq', async () => {
    const fixture = new StoreFixture({ flushMs: 60_000 });
    const classes = ['process', 'socket', 'file'] as const;
    const files: string[] = [];
    let original: unknown[];
    try {
      for (let i = 0; i < 400; i++) {
        const className = classes[(i * i + (i >> 3)) % 3] ?? 'process';
        // A clock that jumps: time is not the order of the capture.
        const rows = Array.from({ length: 1 + (i % 4) }, (_, r) => ({
          pid: i * 4 + r,
          time_ns: BigInt(1_000_000 - i * 7 + r),
        }));
        fixture.append(className, rows);
      }
      await fixture.store.flush();
      for (const table of ['process_file_events', 'socket_events', 'process_events']) {
        const path = join(scratch, `${table}.jsonl`);
        const args = ['export', '--table', table, '--state-dir', fixture.folder, '--output', path];
        assert.equal(weir(args).code, 0);
        files.push(path);
      }
      const db = fixture.reader();
      db.defaultSafeIntegers(true);
      original = db.prepare<[], unknown[]>(ORDER).raw().all();
    } finally {
      await fixture.dispose();
    }
    assert.equal(bring(...files).code, 0);
    assert.deepEqual(rows(ORDER), original);
  });

  it('goes by time where lines have no seq', () => {
    const line = (table: string, pid: number, ntime: number): string =>
      `{"table":"${table}","pid":${pid},"ntime":${ntime}}\n`;
    const a = file('a', line('process_events', 1, 10) + line('process_events', 2, 30));
    const b = file('b', line('socket_events', 3, 20) + line('socket_events', 4, 40));
    assert.equal(bring(a, b).stdout, '4 events imported\n');
    const pids = rows(ORDER).map((row) => (row as unknown[])[3]);
    assert.deepEqual(pids, [1n, 3n, 2n, 4n]);
  });

  it('reads standard input, blank lines, CRLF, and a last line without an end', () => {
    const text =
      '\n{"ntime":"1","pid":1,"table":"process_events"}\r\n \n{"table":"process_events","ntime":2.0,"pid":null,"cmdline":"a\\u0000\\n\\ud83d\\ude00"}';
    const { code, stderr } = weir(['import-events', '--state-dir', stateDir, '-'], text);
    assert.equal(code, 0, stderr);
    assert.deepEqual(rows('SELECT ntime, pid, cmdline FROM process_events ORDER BY seq'), [
      [1n, 1n, null],
      [2n, 0n, 'a\u0000\n\u{1f600}'],
    ]);
  });

  it('keeps the lines before a bad one, and nothing of that', () => {
    const good = Array.from({ length: 10 }, (_, i) => `{"table":"process_events","ntime":${i}}\n`);
    const path = file('x', `${good.join('')}{"table":"process_events","ntime":99,"uid":"x"}\n`);
    const { code, stderr } = bring(path);
    assert.equal(code, 1);
    assert.match(stderr, /x:11: uid must be an integer/);
    assert.deepEqual(rows('SELECT count(*), max(ntime) FROM process_events'), [[10n, 9n]]);
    assert.deepEqual(rows("SELECT stored, balance FROM weir_loss WHERE class = 'process'"), [
      [10n, 0n],
    ]);
  });

  const start = '{"table":"process_events","ntime":1';
  const refused: readonly [name: string, text: string | Uint8Array, message: RegExp][] = [
    ['text that is not UTF-8', Buffer.from(`${start},"path":"\xff"}`, 'latin1'), /not UTF-8/],
    ['an array', `${start},"path":[]}`, /an array or nested/],
    ['an object', `${start},"path":{"a":{}}}`, /an array or nested/],
    ['other than hex', `${start},"path":{"hex":"0","x":1}}`, /path must be text, or/],
    ['half a byte', `${start},"path":{"hex":"0"}}`, /path must be text, or/],
    ['true', `${start},"pid":true}`, /pid must be an integer/],
    ['a fraction', `${start},"pid":1.5}`, /pid must be an integer/],
    ['more than 64 bits', `${start},"exec_id":"99999999999999999999"}`, /must be an integer/],
    ['the NULL of the store', `${start},"exec_id":"-9223372036854775808"}`, /out of range/],
    ['a mode that is none', `${start},"mode":"089"}`, /mode must be octal/],
    ['a NUL byte', `${start},"path":"\0"}`, /not JSON/],
    ['two objects', `${start}}{}`, /not JSON/],
    ['deep nesting', `${start},"path":${'['.repeat(1 << 20)}`, /an array or nested/],
    ['deep objects', '{"a":'.repeat(1 << 20), /an array or nested/],
    ['a line without an end', `${start},"path":"${'x'.repeat(18 << 20)}`, /longer than 16 MiB/],
  ];
  for (const [name, text, message] of refused) {
    it(`refuses ${name}`, () => {
      const { code, stderr } = bring(file('x', text));
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.match(stderr, /x:1: /);
    });
  }

  it('says which file cannot be read', () => {
    const { code, stderr } = bring(join(scratch, 'nowhere'));
    assert.equal(code, 1);
    assert.match(stderr, /cannot read .*nowhere/);
  });
});

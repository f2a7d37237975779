import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WeirDaemon } from '../helpers/weir-daemon.ts';

/** Numbered files, one after the other, for as long as it runs. */
class Workload {
  readonly folder = makeScratch();
  readonly #child: ChildProcess;

  constructor() {
    const loop = 'i=0; while :; do i=$((i+1)); : > f$i; rm f$i; done';
    this.#child = spawn('/bin/sh', ['-c', loop], { cwd: this.folder, stdio: 'ignore' });
  }

  /** The events that a rule on it is to find. */
  get sql(): string {
    return `SELECT seq, path FROM process_file_events
      WHERE operation = 'create' AND path LIKE '${this.folder}/f%'`;
  }

  /** The last event of all, for a reader to know that none is on its way any more. */
  async end(): Promise<string> {
    await this.stop();
    const path = join(this.folder, 'f-end');
    writeFileSync(path, '');
    return path;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

describe('live: streaming rules', () => {
  let stateDir: string;
  let workload: Workload;
  let daemon: WeirDaemon | undefined;

  beforeEach(() => {
    stateDir = makeScratch();
    workload = new Workload();
  });

  afterEach(async () => {
    await workload.stop();
    await daemon?.stop();
    removeScratch(workload.folder);
    removeScratch(stateDir);
  });

  const config = (...rules: readonly string[]): object => ({
    debounce: { window_ms: 0 },
    schedule: Object.fromEntries(
      rules.map((name) => [name, { query: workload.sql, mode: 'streaming', severity: 'low' }]),
    ),
  });

  /** seqs that a rule's detections hold, in the order of their recording. */
  function found(rule: string): bigint[] {
    const db = new Database(join(stateDir, 'results.db'), { readonly: true });
    try {
      const rows = db.prepare<[string], string>(
        'SELECT row FROM detections WHERE rule = ? ORDER BY id',
      );
      return rows
        .pluck()
        .all(rule)
        .map((row) => BigInt(JSON.parse(row).seq));
    } finally {
      db.close();
    }
  }

  it('find each event once, through kill -9 and restarts', async () => {
    for (let round = 0; round < 3; round++) {
      daemon = await WeirDaemon.start(stateDir, config('rule'));
      await sleep(1500 + round * 170);
      await daemon.kill();
    }
    await workload.stop();
    daemon = await WeirDaemon.start(stateDir, config('rule'));
    const kept = (await daemon.query(`${workload.sql} ORDER BY seq`)).map(({ seq }) =>
      BigInt(seq ?? 0),
    );
    assert.ok(kept.length > 100, `${kept.length} events`);
    const last = kept.at(-1) as bigint;
    const seqs = await eventually(
      () => found('rule'),
      (all) => all.includes(last),
    );
    assert.equal(new Set(seqs).size, seqs.length, 'none twice');
    // What was found of the last moment before a kill may be lost in the event store, not here.
    const have = new Set(seqs);
    assert.deepEqual(
      kept.filter((seq) => !have.has(seq)),
      [],
    );
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  it('go on through a reload that adds a rule, which begins then', async () => {
    daemon = await WeirDaemon.start(stateDir, config('first'));
    await sleep(700);
    const file = join(stateDir, 'test-config.json');
    for (let round = 0; round < 3; round++) {
      writeFileSync(file, JSON.stringify(config('first', 'second')));
      process.kill(daemon.pid, 'SIGHUP');
      await sleep(400);
    }
    const end = await workload.end();
    const ordered = `${workload.sql} ORDER BY seq`;
    const rows = await eventually(
      () => (daemon as WeirDaemon).query(ordered),
      (all) => all.at(-1)?.path === end,
    );
    const kept = rows.map(({ seq }) => BigInt(seq ?? 0));
    const last = kept.at(-1) as bigint;
    const [first, second] = await eventually(
      () => [found('first'), found('second')] as const,
      (all) => all.every((seqs) => seqs.includes(last)),
    );
    assert.deepEqual(first, kept.slice(kept.indexOf(first[0] as bigint)));
    assert.ok(kept.length - first.length < 100, 'from the start of the daemon');
    assert.deepEqual(second, first.slice(-second.length));
    assert.ok(second.length < first.length);
  });

  it('keep running when a reload finds a wrong configuration', async () => {
    daemon = await WeirDaemon.start(stateDir, config('rule'));
    writeFileSync(join(stateDir, 'test-config.json'), '{ "nonsense": 1 }');
    process.kill(daemon.pid, 'SIGHUP');
    await eventually(
      () => (daemon as WeirDaemon).stderr,
      (text) => text.includes('not reloaded'),
    );
    const before = found('rule').length;
    const after = await eventually(
      () => found('rule').length,
      (count) => count > before,
    );
    assert.ok(after > before);
  });

  it('reach the log within moments', async () => {
    daemon = await WeirDaemon.start(stateDir, config('rule'));
    const log = join(stateDir, 'log', 'weir.results.log');
    const lines = await eventually(
      () => {
        try {
          return readFileSync(log, 'utf8').trim().split('\n');
        } catch {
          return [];
        }
      },
      (all) => all.length > 10,
    );
    const line = JSON.parse(lines[0] ?? '{}');
    assert.deepEqual(
      [line.name, line.counter, line.action, Object.keys(line.columns)],
      ['rule', 1, 'added', ['path', 'seq']],
    );
  });
});

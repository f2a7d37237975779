import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

describe('live: statistics', function () {
  this.timeout(60_000);
  let state: string;
  let daemon: WeirDaemon;
  before(async () => {
    state = makeScratch();
    daemon = await WeirDaemon.start(state, { debounce: { window_ms: 0 } });
  });
  after(async () => {
    await daemon?.stop();
    removeScratch(state);
  });

  const statistics = (...args: string[]) =>
    spawnSync(process.execPath, [WEIR, 'statistics', '--state-dir', state, ...args], {
      encoding: 'utf8',
    });

  it('names a busy file with the rule that leaves it out', async () => {
    const busy = join(state, 'busy*file');
    for (let i = 0; i < 3000; i++) writeFileSync(busy, 'x');
    const sql = `SELECT count(*) FROM process_file_events WHERE path = '${busy}'`;
    const stored = await eventually(
      () => daemon.value(sql),
      (count) => Number(count) > 100,
    );
    assert.ok(Number(stored) > 100, String(stored));
    const { status, stdout, stderr } = statistics('--seconds', '300', '--json');
    assert.equal(status, 0, stderr);
    const rows = JSON.parse(stdout) as { kind: string; name: string; exclusion: string }[];
    const found = rows.find(({ kind, name }) => kind === 'file' && name === busy);
    assert.equal(JSON.parse(found?.exclusion ?? '{}').path, busy.replace('*', '\\*'));
    assert.match(statistics('--seconds', '300').stdout, /\nfolder\n {5}rows/);
  });

  it('prints commands that work as they stand', async () => {
    const odd = join(state, "it's $(x) `y`\n[1] é");
    for (let i = 0; i < 400; i++) writeFileSync(`${odd}-${i % 2}`, 'x');
    await eventually(
      () => daemon.value(`SELECT count(*) FROM process_file_events WHERE path LIKE '%[1]%'`),
      (count) => Number(count) > 100,
    );
    const bin = join(state, 'bin');
    mkdirSync(bin);
    symlinkSync(WEIR, join(bin, 'weir'));
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const { stdout } = statistics('--seconds', '300');
    const lines = [...new Set(stdout.match(/weir exclusions add .*/g) ?? [])];
    assert.ok(
      lines.some((line) => line.includes('--path $')),
      stdout,
    );
    // Of each kind some, and all that had to be quoted: each is a process, and a busy host is slow.
    const kinds = Map.groupBy(lines, (line) => / --\w+/.exec(line)?.[0]);
    const tried = [...kinds.values()].flatMap((all) =>
      all.filter((line, i) => i < 3 || line.includes(' $')),
    );
    for (const line of tried) {
      const run = spawnSync('/bin/bash', ['-c', line], { encoding: 'utf8', env });
      assert.equal(run.status, 0, `${line}\n${run.stderr}`);
    }
    const sql = 'SELECT conditions FROM weir_exclusions';
    const said = (await daemon.query(sql)).map(({ conditions }) => JSON.parse(String(conditions)));
    assert.equal(said.length, tried.length);
    const found = said.find(({ path }) => path?.endsWith('-1'));
    assert.equal(found?.path, `${odd.replace('[1]', '\\[1\\]')}-1`);
  });

  it('wrong use ends with 64', () => {
    for (const span of ['0', '1.5', 'x', '86401', '']) {
      const { status, stderr } = statistics('--seconds', span);
      assert.equal(status, 64, span);
      assert.match(stderr, /--seconds takes a whole number/);
    }
  });
});

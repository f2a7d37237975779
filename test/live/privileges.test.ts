import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { KEPT_CAPABILITIES } from '../../src/cli/privileges.ts';
import { Watch } from '../helpers/watch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

/** A field of every thread of a process: one value where all agree. */
function ofThreads(pid: number, name: string): readonly string[] {
  const values = readdirSync(`/proc/${pid}/task`).map((tid) => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    return new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(status)?.[1] ?? '';
  });
  return [...new Set(values)];
}

describe('live: privileges of the daemon', () => {
  let watch: Watch;
  before(async () => {
    watch = await Watch.start();
  });
  after(() => watch?.stop());

  it('every thread has the documented capabilities, and can get no others', () => {
    const { pid } = watch.daemon;
    const mask = Object.values(KEPT_CAPABILITIES).reduce((all, n) => all | (1n << BigInt(n)), 0n);
    const hex = mask.toString(16).padStart(16, '0');
    for (const set of ['CapEff', 'CapPrm', 'CapBnd']) assert.deepEqual(ofThreads(pid, set), [hex]);
    for (const set of ['CapInh', 'CapAmb']) assert.deepEqual(ofThreads(pid, set), ['0'.repeat(16)]);
    assert.deepEqual(ofThreads(pid, 'NoNewPrivs'), ['1']);
  });

  for (const provider of ['netlink', 'ebpf']) {
    it(`are enough for ${provider}, when the daemon switches to it`, async () => {
      const args = ['config', 'provider', provider, '--temporary'];
      const places = ['--state-dir', watch.daemon.stateDir];
      const { stdout } = await promisify(execFile)(process.execPath, [WEIR, ...args, ...places]);
      assert.match(stdout, new RegExp(`^provider ${provider}`));
      // Without eBPF a process has to live until somebody has looked.
      await watch.run('/bin/sleep', `0.5${provider.length}`);
      const sql = `SELECT 1 FROM process_events WHERE cmdline LIKE '%sleep 0.5${provider.length}'`;
      assert.equal((await watch.rows(sql, 1)).length, 1);
    });
  }

  it('are enough for files of users, opened with their rights', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, [
      ...[WEIR, 'query', 'SELECT * FROM authorized_keys JOIN users USING (uid)'],
      ...['--state-dir', watch.daemon.stateDir],
    ]);
    assert.doesNotMatch(stderr, /EPERM|not permitted/i);
  });
});

describe('packaged unit', () => {
  it('bounds the daemon by the same capabilities', () => {
    const unit = readFileSync(
      new URL('../../packaging/files/weir.service', import.meta.url),
      'utf8',
    );
    const listed = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    const kept = Object.keys(KEPT_CAPABILITIES).map((name) => `CAP_${name}`);
    assert.deepEqual(listed.sort(), kept.sort());
  });

  it('which are those that docs/security.md explains', () => {
    const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `CAP_'));
    const explained = rows.flatMap((row) => row.split('|')[1]?.match(/CAP_\w+/g) ?? []);
    const kept = Object.keys(KEPT_CAPABILITIES).map((name) => `CAP_${name}`);
    assert.deepEqual(explained.sort(), kept.sort());
  });
});

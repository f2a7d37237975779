import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../helpers/eventually.ts';
import { Watch } from '../helpers/watch.ts';

const PATIENCE_S = 60;

describe('live: a daemon that comes near its limit', function () {
  this.timeout(150_000);
  let watch: Watch;
  before(async () => {
    const rule = {
      query: 'SELECT pid, cmdline FROM process_events',
      mode: 'streaming',
      severity: 'low',
    };
    watch = await Watch.start({ limits: { cpu_percent: 12 }, schedule: { rule } });
  });
  after(() => watch?.stop());

  /** Asked seldom: questions are load too. */
  async function levelOnce(holds: (level: number) => boolean): Promise<number> {
    for (let second = 0; ; second++) {
      const shed = String(await watch.daemon.value('SELECT shed FROM weir_health'));
      const { level } = JSON.parse(shed) as { level: number };
      if (holds(level) || second === PATIENCE_S) return level;
      await sleep(1000);
    }
  }

  it('does less and says so, and takes up again where it stopped', async () => {
    const program = watch.compile('storm', '-static');
    const flood = watch.run(program, `${PATIENCE_S}`, watch.scratch);
    try {
      const most = await levelOnce((level) => level >= 2);
      assert.ok(most >= 2, `level ${most}`);
      const issues = String(await watch.daemon.value('SELECT issues FROM weir_health'));
      assert.match(issues, /LOAD_SHED.*rules and scheduled queries; file events/);
      // Processes are still watched, and no rule looks at them now.
      await watch.run('/bin/true', 'in-between');
      await watch.rows(`SELECT 1 FROM process_events WHERE cmdline LIKE '%in-between'`, 1);
    } finally {
      watch.cgroup.kill();
      await flood;
    }
    assert.equal(await levelOnce((level) => level === 0), 0);
    const log = join(watch.daemon.stateDir, 'log', 'weir.results.log');
    const lines = await eventually(
      () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
      (text) => text.includes('in-between'),
    );
    assert.equal(lines.split('in-between').length - 1, 1, 'found late, and once');
    const gaps = await watch.daemon.query(
      `SELECT 1 FROM weir_coverage WHERE class = 'file' AND until IS NOT NULL`,
    );
    assert.ok(gaps.length > 0, 'the time without file events can be asked');
  });
});

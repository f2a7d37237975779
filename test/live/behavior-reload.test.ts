import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plantVictims } from '../helpers/victims.ts';
import { Watch } from '../helpers/watch.ts';
import { type Row, WEIR } from '../helpers/weir-daemon.ts';

const run = promisify(execFile);

/** The BPF programs that a process holds, by the kernel's ids. */
function programs(pid: number): string[] {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder)
    .flatMap((fd) => {
      try {
        return /^prog_id:\s+(\d+)$/m.exec(readFileSync(`${folder}/${fd}`, 'utf8'))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    })
    .sort();
}

describe('live: thresholds of behaviour change at a reload', function () {
  this.timeout(60_000);
  let watch: Watch;
  let behave: string;
  let files: string;
  let loaded: string[];

  before(async () => {
    watch = await Watch.start();
    behave = watch.compile('behave');
    files = join(watch.scratch, 'files');
    loaded = programs(watch.daemon.pid);
    assert.ok(loaded.length > 10, 'collects by eBPF');
  });
  after(() => watch.stop());
  afterEach(() => rmSync(files, { recursive: true, force: true }));

  /** Reloads with other keys `behavior` and `response`; what it said. */
  async function reload(config: object): Promise<string> {
    const file = join(watch.daemon.stateDir, 'test-config.json');
    const { collect, debounce } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ collect, debounce, ...config }));
    const places = ['--config', file, '--state-dir', watch.daemon.stateDir];
    return (await run(process.execPath, [WEIR, 'reload', ...places])).stdout;
  }

  async function deed(kind: string, count: number): Promise<number> {
    plantVictims(files, 300);
    const { pid, code } = await watch.run(behave, kind, files, '0', String(count));
    assert.equal(code, 0);
    return pid;
  }

  const verdicts = (pid: number, atLeast: number): Promise<Row[]> =>
    watch.rows(`SELECT * FROM behavior_events WHERE pid = ${pid} ORDER BY seq`, atLeast);

  it('what crossed nothing before does now, counted to the new number', async () => {
    const before = await deed('delete', 300);
    const said = await reload({ behavior: { mass_delete: { threshold: 250 }, cgroup_factor: 0 } });
    assert.match(said, /behavior\.mass_delete\.threshold: 5000 -> 250/);
    const [row, ...more] = await verdicts(await deed('delete', 300), 1);
    assert.deepEqual(
      [row?.action, row?.threshold, row?.deleted, more],
      ['mass_delete', 250, 250, []],
    );
    assert.deepEqual(await verdicts(before, 0), []);
  });

  it('a lower one holds for the next, and none is none', async () => {
    await reload({ behavior: { mass_rename: { threshold: 40 }, ransomware: { threshold: 0 } } });
    const [row] = await verdicts(await deed('rename', 60), 1);
    assert.deepEqual([row?.action, row?.threshold, row?.extended], ['mass_rename', 40, 40]);
    await reload({ behavior: { mass_rename: { threshold: 20 }, ransomware: { threshold: 0 } } });
    const [next] = await verdicts(await deed('rename', 60), 1);
    assert.deepEqual([next?.threshold, next?.extended], [20, 20]);
    await reload({ behavior: { mass_rename: { threshold: 100 }, ransomware: { threshold: 0 } } });
    const converted = await deed('in_place', 60);
    await verdicts(await deed('rename', 120), 1);
    assert.deepEqual(await verdicts(converted, 0), []);
  });

  it('so do windows, and what is done at a verdict', async () => {
    const behavior = { window_ms: 5000, ransomware: { threshold: 30, respond: 'stop' } };
    await reload({ behavior, response: { enabled: true, dry_run: true } });
    const [dry] = await verdicts(await deed('in_place', 60), 1);
    assert.deepEqual([dry?.threshold, dry?.window_ms], [30, 5000]);
    assert.deepEqual([dry?.asked, dry?.outcome], ['stop', 'dry_run']);
    await reload({ behavior, response: { enabled: false } });
    const [off] = await verdicts(await deed('in_place', 60), 1);
    assert.deepEqual([off?.threshold, off?.asked, off?.outcome], [30, null, null]);
  });

  it('without loading a program anew', () => {
    assert.deepEqual(programs(watch.daemon.pid), loaded);
  });
});

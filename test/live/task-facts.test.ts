import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { native } from '../../src/native/addon.ts';
import { processes } from '../../src/tables/state/processes/processes.ts';
import { eventually } from '../helpers/eventually.ts';
import { openTables } from '../helpers/tables.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('task facts: processes by the kernel’s iterator', function () {
  this.timeout(60_000);

  it('say what the files say, of whoever rests', () => {
    const script = join(import.meta.dirname, 'compare-facts.ts');
    const { stdout, stderr } = spawnSync(process.execPath, [script, ROOT], { encoding: 'utf8' });
    assert.equal(stderr, '');
    const [{ before, had, after, equal, ours }] = JSON.parse(stdout);
    assert.deepEqual(
      { before, had, after, ours },
      { before: false, had: true, after: false, ours: [] },
    );
    assert.ok(equal > 60, `${equal} files`);
  });

  it('make the same rows', async () => {
    // So many that the table asks the kernel at all.
    const loop = 'i=0; while [ $i -lt 300 ]; do sleep 1000 & i=$((i + 1)); done; echo; wait';
    const shell = spawn('sh', ['-c', loop], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const set = openTables([processes]);
    try {
      await once(shell.stdout, 'data');
      const sql = `SELECT * FROM processes WHERE pgroup = ${shell.pid} AND name = 'sleep' ORDER BY pid`;
      // Until the last of them rests: then nothing of them changes between two looks any more.
      const [byFacts, byFiles] = await eventually(
        () => {
          native.tables.useTaskFacts('');
          const files = set.all(sql);
          native.tables.useTaskFacts(join(ROOT, 'build/bpf'));
          assert.notEqual(native.tables.taskFacts(), undefined);
          return [set.all(sql), files];
        },
        ([facts, files]) => files?.length === 300 && isDeepStrictEqual(facts, files),
      );
      assert.equal(byFacts?.length, 300);
      assert.deepEqual(byFacts, byFiles);
    } finally {
      native.tables.useTaskFacts('');
      set.close();
      process.kill(-(shell.pid as number), 'SIGKILL');
    }
  });

  it('cannot be had where there is no program, and files are read', () => {
    native.tables.useTaskFacts('/nonexistent');
    assert.equal(native.tables.taskFacts(), undefined);
    native.tables.useTaskFacts('');
    assert.equal(native.tables.taskFacts(), undefined);
  });
});

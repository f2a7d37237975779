import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { ADDON_PATH } from '../../src/native/addon.ts';
import { WEIR } from '../helpers/weir-daemon.ts';
import { StoreFixture } from '../store/fixture.ts';

const start = promisify(execFile);
/** Rows of a flush; all of them are seen, or none. */
const FLUSHED = 300;
const SQL = 'SELECT count(*), count(DISTINCT pid), max(seq), sum(length(path)) FROM process_events';

describe('other processes read the store', () => {
  let fixture: StoreFixture;
  beforeEach(() => {
    fixture = new StoreFixture({ flushMs: 60_000 });
  });
  afterEach(() => fixture.dispose());

  const flush = async (from: number): Promise<void> => {
    const rows = Array.from({ length: FLUSHED }, (_, i) => ({ pid: from + i, path: '/bin/seven' }));
    fixture.append('process', rows);
    await fixture.store.flush();
  };
  const query = async (): Promise<number[]> => {
    const args = [WEIR, 'query', '--state-dir', fixture.folder, '--csv', SQL];
    const { stdout } = await start(process.execPath, args, { encoding: 'utf8' });
    return (stdout.trim().split('\n').at(-1) as string).split(',').map(Number);
  };
  const shell = async (): Promise<number[]> => {
    const input = ['-bail', fixture.path, `.load ${ADDON_PATH} sqlite3_weir_init`, SQL];
    const { stdout } = await start('sqlite3', input, { encoding: 'utf8' });
    return stdout.trim().split('|').map(Number);
  };

  it('with weir query, after the daemon has ended', async () => {
    await flush(0);
    await fixture.store.close();
    assert.deepEqual(await query(), [FLUSHED, FLUSHED, FLUSHED, FLUSHED * 10]);
  });

  it('with weir query and the sqlite3 command line, while it is written, and never a part of a flush', async function () {
    this.timeout(120_000);
    await flush(0);
    let writing = true;
    let flushes = 1;
    const writer = (async () => {
      while (writing) {
        await flush(flushes * FLUSHED);
        flushes++;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    let seen = 0;
    for (let i = 0; i < 6; i++) {
      const atLeast = flushes;
      for (const [count = 0, pids, last, length] of [await query(), await shell()]) {
        assert.equal(count % FLUSHED, 0);
        assert.ok(count >= atLeast * FLUSHED, 'what was flushed before is seen');
        assert.deepEqual([pids, last, length], [count, count, count * 10]);
        seen = Math.max(seen, count);
      }
    }
    writing = false;
    await writer;
    assert.ok(seen > FLUSHED);
    const check = execFileSync('sqlite3', [fixture.path, 'PRAGMA integrity_check'], {
      encoding: 'utf8',
    });
    assert.equal(check, 'ok\n');
  });
});

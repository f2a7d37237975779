import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../src/tables/find-state-tables.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WeirDaemon } from '../helpers/weir-daemon.ts';

const OWN = ['events.db', 'results.db'];

/** Without them the next program that opens the file truncates what the daemon has mapped. */
describe('live: the locks of the daemon on its databases', () => {
  let daemon: WeirDaemon;
  let state: string;

  before(async () => {
    state = makeScratch();
    daemon = await WeirDaemon.start(state);
  });
  after(async () => {
    await daemon?.stop();
    removeScratch(state);
  });

  /** That somebody has the log's index open: a read lock on its byte 128. */
  function held(name: string): boolean {
    const { ino } = statSync(join(state, `${name}-shm`));
    const lock = new RegExp(`POSIX +ADVISORY +READ +${daemon.pid} \\w+:\\w+:${ino} 128 128$`, 'm');
    return lock.test(readFileSync('/proc/locks', 'utf8'));
  }

  it('are there from the start', () => {
    for (const name of OWN) assert.ok(held(name), name);
  });

  for (const { name, examples } of findStateTables()) {
    it(`outlast a query of ${name}`, async () => {
      await daemon.query(examples[0] as string);
      for (const own of OWN) assert.ok(held(own), own);
    });
  }

  for (const table of ['hash', 'yara', 'magic', 'file', 'extended_attributes']) {
    it(`outlast ${table} of the databases themselves`, async () => {
      const sigrule = table === 'yara' ? ` AND sigrule = 'rule every { condition: true }'` : '';
      for (const own of OWN) {
        for (const path of [own, `${own}-shm`, `${own}-wal`]) {
          await daemon.query(
            `SELECT * FROM ${table} WHERE path = '${join(state, path)}'${sigrule}`,
          );
        }
      }
      for (const own of OWN) assert.ok(held(own), own);
    });
  }

  it('outlast other programs that read them', async () => {
    for (const own of OWN) {
      execFileSync('sqlite3', [join(state, own), 'SELECT count(*) FROM sqlite_master']);
      assert.ok(held(own), own);
    }
    assert.equal(await daemon.value('SELECT 1'), 1);
  });
});

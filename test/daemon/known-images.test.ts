import assert from 'node:assert/strict';
import { knownImages } from '../../src/daemon/known-images.ts';
import { native } from '../../src/native/addon.ts';
import { StoreFixture } from '../store/fixture.ts';

describe('daemon: images that the store knows', () => {
  const SHELL = 100n;
  const PROGRAM = 200n;
  let fixture: StoreFixture;

  before(() => {
    fixture = new StoreFixture();
  });
  after(() => fixture.dispose());

  it('a process that forked and executed within a batch is known by what it executed', async () => {
    const common = { pid: process.pid, process_id: 7n, boot_id: native.bootId() };
    // The batch of one class is stored before the other's: the fork gets the higher seq.
    fixture.append('seen', [{ ...common, exec_id: PROGRAM, boottime_ns: 20n, reason: 'exec' }]);
    fixture.append('lifecycle', [{ ...common, exec_id: SHELL, boottime_ns: 10n, action: 'fork' }]);
    await fixture.reopen();
    const { processIds, execIds } = knownImages(fixture.path);
    assert.deepEqual([...processIds], [7n]);
    assert.deepEqual([...execIds], [PROGRAM]);
  });
});

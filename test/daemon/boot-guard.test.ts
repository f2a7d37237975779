import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootGuard } from '../../src/daemon/boot-guard.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const FIRST = { bootId: 'boot-1', kernel: '6.1.0' };
const SECOND = { bootId: 'boot-2', kernel: '6.1.0' };

describe('daemon: the boot guard', () => {
  let state: string;
  let file: string;
  beforeEach(() => {
    state = makeScratch();
    file = join(state, 'attach-guard.json');
  });
  afterEach(() => removeScratch(state));

  it('holds after the host died while it was armed, at every start until it is cleared', () => {
    new BootGuard(state, FIRST).arm();
    for (const bootId of ['boot-2', 'boot-2', 'boot-3']) {
      const reason = new BootGuard(state, { ...SECOND, bootId }).tripped();
      assert.match(reason ?? '', /went down within a minute of attaching/);
    }
    assert.equal(BootGuard.clear(state), true);
    assert.equal(new BootGuard(state, SECOND).tripped(), undefined);
    assert.equal(BootGuard.clear(state), false);
  });

  it('lets a daemon that was killed start again', () => {
    new BootGuard(state, FIRST).arm();
    assert.equal(new BootGuard(state, FIRST).tripped(), undefined);
  });

  it('forgets what was detached in order', () => {
    const guard = new BootGuard(state, FIRST);
    guard.arm();
    assert.ok(existsSync(file));
    guard.disarm();
    assert.ok(!existsSync(file));
    assert.equal(new BootGuard(state, SECOND).tripped(), undefined);
  });

  it('gives another kernel a try', () => {
    new BootGuard(state, FIRST).arm();
    const updated = new BootGuard(state, { bootId: 'boot-2', kernel: '6.2.0' });
    assert.equal(updated.tripped(), undefined);
  });

  it('takes a file that cannot be read for a crash', () => {
    writeFileSync(file, '{"boot_id": "boo');
    assert.match(new BootGuard(state, SECOND).tripped() ?? '', /damaged/);
  });

  it('does not take away what it has not armed', () => {
    new BootGuard(state, FIRST).arm();
    new BootGuard(state, SECOND).disarm();
    assert.ok(existsSync(file));
  });
});

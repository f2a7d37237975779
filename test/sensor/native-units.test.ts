import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { buildNativeTests, listNativeTests } from '../native/build.ts';

describe('sensor, native parts under sanitizers', function () {
  this.timeout(300_000); // the compiler, on a busy machine
  let scratch: string;
  let program: string;
  const names = listNativeTests();

  before(async () => {
    scratch = makeScratch();
    program = await buildNativeTests(scratch);
  });
  after(() => removeScratch(scratch));

  it('has the cases that its sources name', () => {
    const listed = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
    assert.deepEqual(listed.sort(), names.toSorted());
  });

  for (const name of names) {
    it(name, () => {
      const run = spawnSync(program, [name], { encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
    });
  }
});

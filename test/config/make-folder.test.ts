import assert from 'node:assert/strict';
import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../src/config/make-folder.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

describe('folders that are made', () => {
  let scratch: string;
  before(() => {
    scratch = makeScratch();
  });
  after(() => removeScratch(scratch));

  it('come with those above them, and may be there already', () => {
    const path = join(scratch, 'a/b/c');
    makeFolder(path, 0o750);
    makeFolder(path, 0o700);
    assert.equal(statSync(path).mode & 0o777, 0o750);
    symlinkSync(path, join(scratch, 'link'));
    makeFolder(join(scratch, 'link', 'd'), 0o750);
    assert.ok(statSync(join(path, 'd')).isDirectory());
  });

  it('are refused where there is something else, and where the kernel lets nobody make any', () => {
    writeFileSync(join(scratch, 'file'), '');
    assert.throws(() => makeFolder(join(scratch, 'file'), 0o750), { code: 'EEXIST' });
    assert.throws(() => makeFolder(join(scratch, 'file/x'), 0o750), { code: 'EEXIST' });
    // Where the folder above is there, this is no reason to begin again.
    assert.throws(() => makeFolder('/proc/none/x', 0o750), { code: 'ENOENT' });
  });
});

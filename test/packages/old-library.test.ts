/** A distribution whose C library is too old: Debian 11 has glibc 2.31. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { deb, FOLDER } from './builds.ts';
import { makeRoot, Root } from './root.ts';

const TEMPLATE = join(FOLDER, 'debian-11');

describe('packages: where the C library is too old', function () {
  this.timeout(600_000);
  let root: Root;
  before(() => {
    mkdirSync(FOLDER, { recursive: true });
    makeRoot(TEMPLATE, 'bullseye', 'libatomic1,libstdc++6');
    root = new Root(TEMPLATE, join(FOLDER, 'root'));
  });

  it('dpkg refuses it and says which version is needed', () => {
    const { status, output } = root.run(`dpkg -i ${root.copyIn(deb())}`);
    assert.equal(status, 1, output);
    assert.match(output, /weir depends on libc6 \(>= 2\.34\); however:\s+Version of libc6/);
  });

  it('the command says so, where its files were put there all the same', () => {
    assert.match(root.must('weir --version'), /^weir /);
    const { status, output } = root.run('weir query "SELECT 1"');
    assert.equal(status, 1, output);
    assert.match(output, /^weir: the addon cannot be loaded: .*GLIBC.* weir needs glibc 2\.34/m);
    assert.doesNotMatch(output, /^\s+at /m);
  });
});

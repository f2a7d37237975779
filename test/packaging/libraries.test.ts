import assert from 'node:assert/strict';
import { checkVersions } from '../../packaging/libraries.ts';
import { ADDON_PATH } from '../../src/native/addon.ts';

describe('libraries of the package', () => {
  it('the addon needs no newer C and C++ libraries than those of RHEL 9', () => {
    checkVersions(ADDON_PATH);
  });

  it('a file that needs newer ones is refused with their names', () => {
    // Debian 12's own C++ library is linked against its glibc 2.36.
    const library = '/usr/lib/gcc/x86_64-linux-gnu/12/libstdc++.so';
    if (process.arch !== 'x64') return;
    assert.throws(() => checkVersions(library), /needs GLIBC 2\.3\d.*newer than 2\.34/);
  });
});

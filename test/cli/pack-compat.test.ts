import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

describe('weir pack check --compat', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = makeScratch();
  });
  afterEach(() => removeScratch(folder));

  const write = (name: string, queries: object): string => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify({ queries }));
    return file;
  };
  const check = (...paths: string[]) => {
    const args = [WEIR, 'pack', 'check', '--compat', '--state-dir', folder, ...paths];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  };

  it('runs the queries of a folder; 0 when all run', () => {
    write('a.conf', { one: { query: 'SELECT 1', interval: 5 } });
    write('b.json', {
      here: { query: 'SELECT pid FROM processes WHERE pid = 1;' },
      elsewhere: { query: 'SELECT * FROM registry', platform: 'windows' },
    });
    const { status, stdout } = check(folder);
    assert.equal(status, 0, stdout);
    assert.match(stdout, / {2}one: runs {5}1 row, [\d.]+ ms\n/);
    assert.match(stdout, / {2}here: runs {5}1 row, /);
    assert.doesNotMatch(stdout, /elsewhere/);
    assert.match(stdout, /2 of 2 queries run; 0 names missing\n$/);
  });

  it('names what is missing, and ends with 1', () => {
    const good = write('good.conf', { one: { query: 'SELECT 1' } });
    const bad = write('bad.conf', {
      table: { query: 'SELECT * FROM proceses' },
      column: { query: 'SELECT nam FROM processes' },
      again: { query: 'SELECT nam FROM processes' },
    });
    const { status, stdout } = check(good, bad);
    assert.equal(status, 1);
    assert.match(stdout, /table: missing {2}no such table: proceses \(did you mean processes\?\)/);
    assert.match(stdout, /no such column: nam: 2 queries\n/);
    assert.match(stdout, /1 of 4 queries run; 2 names missing\n$/);
  });

  it('a path that is not there is one line', () => {
    const { status, stderr } = check(join(folder, 'none'));
    assert.equal(status, 1);
    assert.match(stderr, /^weir: .*none: ENOENT[^\n]*\n$/);
  });
});

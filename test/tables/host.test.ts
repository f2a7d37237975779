import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exactText, Host } from '../../src/tables/host/host.ts';
import { writeTree } from '../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

describe('tables: reading the host', () => {
  const root = makeScratch();
  const warnings: string[] = [];
  const host = new Host(root, (message) => warnings.push(message));

  before(() => {
    writeTree(root, {
      '/etc/a': 'one\ntwo\n',
      '/etc/odd': Buffer.from([0x61, 0xff]),
      '/etc/up': { link: '../../../../../etc/a' },
      '/etc/absolute': { link: '/etc/a' },
      '/etc/out': { link: '/proc/self/root/etc/passwd' },
      '/etc/circle': { link: 'circle' },
      '/etc/none': { link: 'missing' },
    });
    mkdirSync(join(root, 'etc/folder'));
    assert.equal(spawnSync('mkfifo', [join(root, 'etc/pipe')]).status, 0);
    writeFileSync(join(root, 'etc/large'), '');
    truncateSync(join(root, 'etc/large'), 40 << 20);
  });
  after(() => removeScratch(root));
  beforeEach(() => {
    warnings.length = 0;
  });

  it('contents', () => {
    assert.equal(host.text('/etc/a'), 'one\ntwo\n');
    assert.deepEqual(host.lines('/etc/a'), ['one', 'two']);
    assert.equal(host.value('/etc/a'), 'one\ntwo');
    assert.equal(exactText(host.bytes('/etc/a') as Buffer), 'one\ntwo\n');
    assert.deepEqual(exactText(host.bytes('/etc/odd') as Buffer), Buffer.from([0x61, 0xff]));
  });

  it('what is not there is quietly nothing', () => {
    assert.equal(host.text('/etc/missing'), undefined);
    assert.deepEqual(host.lines('/etc/a/b'), []);
    assert.deepEqual(host.names('/nowhere'), []);
    assert.equal(host.stat('/etc/none'), undefined);
    assert.equal(host.lstat('/etc/none')?.isSymbolicLink(), true);
    assert.deepEqual(warnings, []);
  });

  it('links are followed inside the root and never out of it', () => {
    assert.equal(host.text('/etc/up'), 'one\ntwo\n');
    assert.equal(host.text('/etc/absolute'), 'one\ntwo\n');
    assert.equal(host.text('/etc/out'), undefined);
    assert.equal(host.text('/../../etc/a'), 'one\ntwo\n');
    assert.equal(host.link('/etc/absolute'), '/etc/a');
  });

  it('what cannot be read is warned about, once more only when asked again', () => {
    assert.equal(host.text('/etc/circle'), undefined);
    assert.deepEqual(warnings, ['cannot read /etc/circle: ELOOP']);
    assert.equal(host.text('/etc/circle', { quiet: true }), undefined);
    assert.equal(warnings.length, 1);
  });

  it('neither a pipe nor a folder is read', () => {
    assert.equal(host.text('/etc/pipe'), undefined);
    assert.equal(host.text('/etc/folder'), undefined);
  });

  it('a huge file is cut, and said so', () => {
    assert.equal(host.bytes('/etc/large')?.length, 16 << 20);
    assert.equal(host.bytes('/etc/large', { limit: 1000 })?.length, 1000);
    assert.deepEqual(warnings, [
      `/etc/large is longer than ${16 << 20} bytes; the rest is left out`,
      '/etc/large is longer than 1000 bytes; the rest is left out',
    ]);
  });

  it('folders', () => {
    symlinkSync('a', join(root, 'etc/link'));
    const kinds = new Map(host.entries('/etc').map(({ name, kind }) => [name, kind]));
    assert.equal(kinds.get('a'), 'file');
    assert.equal(kinds.get('folder'), 'directory');
    assert.equal(kinds.get('link'), 'link');
    assert.equal(kinds.get('pipe'), 'other');
    assert.ok(host.names('/etc').includes('odd'));
  });

  it('the host itself has the same methods', () => {
    const here = new Host('', assert.fail);
    assert.ok(here.pids().includes(process.pid));
    assert.equal(here.link('/proc/self/exe'), here.link(`/proc/${process.pid}/exe`));
    assert.equal(here.stat('/')?.isDirectory(), true);
    assert.match(here.value('/proc/self/comm') ?? '', /./);
  });
});

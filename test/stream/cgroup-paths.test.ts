import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CgroupPaths, cgroup2Mount, cgroupIdOf } from '../../src/stream/cgroup-paths.ts';

describe('CgroupPaths', () => {
  let folder: string;
  let proc: string;
  let mount: string;
  let now: number;
  const cgroup = (path: string): [number, number] => {
    mkdirSync(join(mount, path), { recursive: true });
    const { ino } = statSync(join(mount, path), { bigint: true });
    return [Number(ino & 0xffffffffn), Number(ino >> 32n)];
  };
  const process_ = (pid: number, path: string): void => {
    mkdirSync(join(proc, String(pid)), { recursive: true });
    writeFileSync(join(proc, String(pid), 'cgroup'), `4:memory:/other\n0::${path}\n`);
  };
  const paths = () => new CgroupPaths({ proc, now: () => now });

  beforeEach(() => {
    now = 1_000_000;
    folder = mkdtempSync(join(tmpdir(), 'weir-cgroup-'));
    proc = join(folder, 'proc');
    mount = join(folder, 'cgroup');
    mkdirSync(join(proc, 'self'), { recursive: true });
    mkdirSync(mount);
    writeFileSync(
      join(proc, 'self/mountinfo'),
      `25 1 0:22 / /proc rw - proc proc rw\n30 25 0:27 / ${mount} rw,nosuid shared:9 - cgroup2 none rw\n`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds the mount of the cgroup2 hierarchy', () => {
    assert.equal(cgroup2Mount(proc), mount);
    assert.equal(cgroup2Mount(join(folder, 'none')), undefined);
  });

  it('asks the process first', () => {
    const id = cgroup('/a.slice/b.service');
    process_(10, '/a.slice/b.service');
    assert.equal(paths().pathOf(...id, 10), '/a.slice/b.service');
  });

  it('does not believe a process that has moved on', () => {
    const id = cgroup('/old');
    cgroup('/new');
    process_(10, '/new');
    assert.equal(paths().pathOf(...id, 10), '/old', 'found by looking through the tree');
  });

  it('looks through the tree once a second at most', () => {
    const known = paths();
    assert.equal(known.pathOf(1, 0, 99), undefined);
    const id = cgroup('/late/one');
    assert.equal(known.pathOf(...id, 99), undefined);
    now += 10_000;
    assert.equal(known.pathOf(...id, 99), '/late/one');
  });

  it('remembers a cgroup that has gone', () => {
    const id = cgroup('/gone');
    const known = paths();
    assert.equal(known.pathOf(...id, 99), '/gone');
    rmSync(join(mount, 'gone'), { recursive: true });
    now += 60_000;
    assert.equal(known.pathOf(...id, 99), '/gone');
  });

  it('gives the id of a path', () => {
    const [low] = cgroup('/x');
    assert.equal(Number((cgroupIdOf('/x', mount) as bigint) & 0xffffffffn), low);
    assert.equal(cgroupIdOf('/nothing', mount), undefined);
  });
});

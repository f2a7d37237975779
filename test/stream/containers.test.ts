import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Containers } from '../../src/stream/containers.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const ID = 'c0ffee'.padEnd(64, '0123456789abcdef');
const POD = 'pod0a1b2c3d-1111-2222-3333-444455556666';
const SYSTEMD_POD = `kubepods-burstable-${POD.replaceAll('-', '_')}`;

/** How each runtime lays out its cgroups: the lines of /proc/PID/cgroup inside of a container. */
const LAYOUTS: readonly (readonly [name: string, id: string, v1: string, v2: string])[] = [
  ['docker, systemd', ID, `/system.slice/docker-${ID}.scope`, `/system.slice/docker-${ID}.scope`],
  ['docker, cgroupfs', ID, `/docker/${ID}`, `/docker/${ID}`],
  [
    'containerd in kubernetes',
    ID,
    `/kubepods/burstable/${POD}/${ID}`,
    `/kubepods.slice/kubepods-burstable.slice/${SYSTEMD_POD}.slice/cri-containerd-${ID}.scope`,
  ],
  ['containerd, ctr', ID, `/default/${ID}`, `/default/${ID}`],
  [
    'CRI-O',
    ID,
    `/kubepods.slice/${SYSTEMD_POD}.slice/crio-${ID}.scope`,
    `/kubepods.slice/${SYSTEMD_POD}.slice/crio-${ID}.scope/container`,
  ],
  ['podman', ID, `/libpod_parent/libpod-${ID}`, `/machine.slice/libpod-${ID}.scope/container`],
  ['LXC', 'web', '/lxc/web', '/lxc.payload.web'],
  [
    'systemd-nspawn',
    'web',
    '/machine.slice/machine-web.scope',
    '/machine.slice/systemd-nspawn@web.service/payload',
  ],
];

const V1 = ['cpu,cpuacct', 'memory', 'name=systemd'];
const v1Lines = (path: string, unified: string) =>
  [...V1.map((controllers, i) => `${i + 1}:${controllers}:${path}`), `0::${unified}`].join('\n');

describe('containers', () => {
  let proc: string;
  let now: number;
  /** Path of each cgroup2 id. */
  let paths: Map<number, string>;
  beforeEach(() => {
    proc = makeScratch();
    now = 1_000_000;
    paths = new Map([[1, '/']]);
  });
  afterEach(() => removeScratch(proc));

  const lives = (process: string, cgroup: string) => {
    mkdirSync(join(proc, process, 'ns'), { recursive: true });
    writeFileSync(join(proc, process, 'cgroup'), `${cgroup}\n`);
    writeFileSync(join(proc, process, 'ns/mnt'), '');
  };
  const make = () =>
    new Containers({ cgroups: { pathOf: (low) => paths.get(low) }, proc, now: () => now });
  const at = (pid: number, cgroupLow: number, mntNs: number) => ({
    ...{ cgroupLow, cgroupHigh: 0, processLow: pid, processHigh: 7, mntNs, pid },
  });

  for (const [name, id, v1, v2] of LAYOUTS) {
    it(`${name}: cgroup v2`, () => {
      lives('self', '0::/');
      paths.set(5, v2);
      assert.equal(make().idOf(at(10, 5, 99)), id);
    });

    it(`${name}: cgroup v1`, () => {
      lives('self', V1.map((controllers, i) => `${i + 1}:${controllers}:/`).join('\n'));
      lives('10', V1.map((controllers, i) => `${i + 1}:${controllers}:${v1}`).join('\n'));
      assert.equal(make().idOf(at(10, 0, 99)), id);
    });

    it(`${name}: v1 beside v2`, () => {
      lives('self', v1Lines('/', '/'));
      lives('10', v1Lines(v1, '/'));
      assert.equal(make().idOf(at(10, 1, 99)), id);
    });
  }

  it('asks no process of the host, whatever its cgroup', () => {
    lives('self', v1Lines('/', '/'));
    lives('10', v1Lines(`/docker/${ID}`, '/'));
    const { ino } = statSync(join(proc, 'self/ns/mnt'));
    assert.equal(make().idOf(at(10, 1, ino)), '');
    assert.equal(make().idOf(at(10, 1, 0)), '');
  });

  it('keeps what it knows when the container dies, and not for who gets its namespace', () => {
    lives('self', v1Lines('/', '/'));
    lives('10', v1Lines(`/docker/${ID}`, '/'));
    const containers = make();
    assert.equal(containers.idOf(at(10, 1, 99)), ID);
    rmSync(join(proc, '10'), { recursive: true });
    now += 10_000;
    assert.equal(containers.idOf(at(10, 1, 99)), ID, 'the process itself');
    assert.equal(containers.idOf(at(11, 1, 99)), ID, 'one that was gone at once');
    const next = ID.replaceAll('c', 'd');
    lives('12', v1Lines(`/docker/${next}`, '/'));
    assert.equal(containers.idOf(at(12, 1, 99)), next, 'another container');
    now += 61_000;
    assert.equal(containers.idOf(at(13, 1, 99)), '', 'nobody knows any more');
  });
});

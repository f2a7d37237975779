import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerBook } from '../../src/stream/container-names.ts';
import { Containers, type Whereabouts } from '../../src/stream/containers.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const ID = 'c0ffee'.padEnd(64, '0123456789abcdef');
const POD = 'pod0a1b2c3d-1111-2222-3333-444455556666';
const POD_UID = POD.slice('pod'.length);
const SYSTEMD_POD = `kubepods-burstable-${POD.replaceAll('-', '_')}`;

/** How each runtime lays out its cgroups: the lines of /proc/PID/cgroup inside of a container. */
const LAYOUTS: readonly (readonly [
  name: string,
  id: string,
  v1: string,
  v2: string,
  runtimes: string,
  podUid?: string,
])[] = [
  [
    'docker, systemd',
    ID,
    `/system.slice/docker-${ID}.scope`,
    `/system.slice/docker-${ID}.scope`,
    'docker',
  ],
  ['docker, cgroupfs', ID, `/docker/${ID}`, `/docker/${ID}`, 'docker'],
  [
    'containerd in kubernetes',
    ID,
    `/kubepods/burstable/${POD}/${ID}`,
    `/kubepods.slice/kubepods-burstable.slice/${SYSTEMD_POD}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    POD_UID,
  ],
  ['containerd, ctr', ID, `/default/${ID}`, `/default/${ID}`, 'containerd'],
  [
    'CRI-O',
    ID,
    `/kubepods.slice/${SYSTEMD_POD}.slice/crio-${ID}.scope`,
    `/kubepods.slice/${SYSTEMD_POD}.slice/crio-${ID}.scope/container`,
    'cri-o',
    POD_UID,
  ],
  [
    'podman',
    ID,
    `/libpod_parent/libpod-${ID}`,
    `/machine.slice/libpod-${ID}.scope/container`,
    'podman',
  ],
  [
    'podman of a user',
    ID,
    `/libpod_parent/libpod-${ID}`,
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    'podman',
  ],
  [
    'containerd in kubernetes, systemd driver of v1',
    ID,
    `/system.slice/containerd.service/${SYSTEMD_POD}.slice:cri-containerd:${ID}`,
    `/kubepods.slice/${SYSTEMD_POD}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    POD_UID,
  ],
  [
    'docker in kubernetes',
    ID,
    `/kubepods/besteffort/${POD}/${ID}`,
    `/kubepods.slice/kubepods-besteffort.slice/${SYSTEMD_POD.replace('burstable', 'besteffort')}.slice/docker-${ID}.scope`,
    'docker',
    POD_UID,
  ],
  [
    'CRI-O, cgroupfs',
    ID,
    `/kubepods/${POD}/crio-${ID}`,
    `/kubepods/${POD}/crio-${ID}`,
    'cri-o',
    POD_UID,
  ],
  [
    'static pod',
    ID,
    `/kubepods/burstable/pod0a1b2c3d111122223333444455556666/${ID}`,
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d111122223333444455556666.slice/cri-containerd-${ID}.scope`,
    'containerd',
    '0a1b2c3d111122223333444455556666',
  ],
  [
    'LXC of libvirt',
    'web',
    '/machine.slice/machine-lxc\\x2d412\\x2dweb.scope',
    '/machine.slice/machine-lxc\\x2d412\\x2dweb.scope/libvirt',
    'libvirt-lxc',
  ],
  ['runc for itself', ID, `/${ID}`, `/${ID}`, ''],
  ['LXC', 'web', '/lxc/web', '/lxc.payload.web', 'lxc'],
  [
    'systemd-nspawn',
    'web',
    '/machine.slice/machine-web.scope',
    '/machine.slice/systemd-nspawn@web.service/payload',
    'systemd-nspawn',
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
    new Containers({
      cgroups: { pathOf: (low) => paths.get(low) },
      book: new ContainerBook({ places: { root: proc, proc } }),
      proc,
      now: () => now,
    });
  const idOf = (containers: Containers, where: Whereabouts) => containers.factsOf(where)?.id ?? '';
  /** The path of cgroupfs below kubernetes does not tell the runtime. */
  const told = (containers: Containers, where: Whereabouts) => {
    const facts = containers.factsOf(where);
    return [facts?.id, facts?.runtime, facts?.podUid];
  };
  const at = (pid: number, cgroupLow: number, mntNs: number) => ({
    ...{ cgroupLow, cgroupHigh: 0, processLow: pid, processHigh: 7, mntNs, pid },
  });

  for (const [name, id, v1, v2, runtime, podUid = ''] of LAYOUTS) {
    const hidden = /^\/kubepods\/.*\/[0-9a-f]{64}$/.test(v1);
    it(`${name}: cgroup v2`, () => {
      lives('self', '0::/');
      paths.set(5, v2);
      assert.deepEqual(told(make(), at(10, 5, 99)), [id, runtime, podUid]);
    });

    it(`${name}: cgroup v1`, () => {
      lives('self', V1.map((controllers, i) => `${i + 1}:${controllers}:/`).join('\n'));
      lives('10', V1.map((controllers, i) => `${i + 1}:${controllers}:${v1}`).join('\n'));
      assert.deepEqual(told(make(), at(10, 0, 99)), [id, hidden ? '' : runtime, podUid]);
    });

    it(`${name}: v1 beside v2`, () => {
      lives('self', v1Lines('/', '/'));
      lives('10', v1Lines(v1, '/'));
      assert.deepEqual(told(make(), at(10, 1, 99)), [id, hidden ? '' : runtime, podUid]);
    });
  }

  it('asks no process of the host, whatever its cgroup', () => {
    lives('self', v1Lines('/', '/'));
    lives('10', v1Lines(`/docker/${ID}`, '/'));
    const { ino } = statSync(join(proc, 'self/ns/mnt'));
    assert.equal(idOf(make(), at(10, 1, ino)), '');
    assert.equal(idOf(make(), at(10, 1, 0)), '');
  });

  it('keeps what it knows when the container dies, and not for who gets its namespace', () => {
    lives('self', v1Lines('/', '/'));
    lives('10', v1Lines(`/docker/${ID}`, '/'));
    const containers = make();
    assert.equal(idOf(containers, at(10, 1, 99)), ID);
    rmSync(join(proc, '10'), { recursive: true });
    now += 10_000;
    assert.equal(idOf(containers, at(10, 1, 99)), ID, 'the process itself');
    assert.equal(idOf(containers, at(11, 1, 99)), ID, 'one that was gone at once');
    const next = ID.replaceAll('c', 'd');
    lives('12', v1Lines(`/docker/${next}`, '/'));
    assert.equal(idOf(containers, at(12, 1, 99)), next, 'another container');
    now += 61_000;
    assert.equal(idOf(containers, at(13, 1, 99)), '', 'nobody knows any more');
  });
});

import assert from 'node:assert/strict';
import { containerOf } from '../../src/stream/container-id.ts';

const ID = 'c0ffee'.padEnd(64, '0123456789abcdef');
const POD = 'kubepods-burstable-pod0a1b2c3d_1111_2222_3333_444455556666';

const containers: readonly (readonly [string, string, string])[] = [
  [`/system.slice/docker-${ID}.scope`, ID, 'docker'],
  [`/docker/${ID}`, ID, 'docker'],
  [`/docker/${ID}/init.scope`, ID, 'docker'],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`, ID, 'docker'],
  [`/system.slice/nerdctl-${ID}.scope`, ID, 'containerd'],
  [
    `/kubepods.slice/kubepods-burstable.slice/${POD}.slice/cri-containerd-${ID}.scope`,
    ID,
    'containerd',
  ],
  [`/kubepods.slice/kubepods-burstable.slice/${POD}.slice/crio-${ID}.scope`, ID, 'cri-o'],
  [`/kubepods.slice/kubepods-burstable.slice/${POD}.slice/crio-${ID}`, ID, 'cri-o'],
  [`/kubepods/burstable/pod0a1b2c3d-1111-2222-3333-444455556666/${ID}`, ID, 'kubernetes'],
  [`/system.slice/containerd.service/${POD}.slice:cri-containerd:${ID}`, ID, 'containerd'],
  [`/machine.slice/libpod-${ID}.scope`, ID, 'podman'],
  [`/machine.slice/libpod-${ID}.scope/container`, ID, 'podman'],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    ID,
    'podman',
  ],
  [`/libpod_parent/libpod-${ID}`, ID, 'podman'],
  ['/lxc/web', 'web', 'lxc'],
  ['/lxc.payload.web/system.slice/cron.service', 'web', 'lxc'],
  ['/machine.slice/machine-deb\\x2d12.scope/payload', 'deb-12', 'systemd-nspawn'],
  ['/machine.slice/machine-lxc\\x2d7\\x2dweb.scope', 'web', 'libvirt-lxc'],
  ['/machine.slice/systemd-nspawn@web.service/payload', 'web', 'systemd-nspawn'],
  [`/ecs/0123456789abcdef/${ID}`, ID, 'unknown'],
  [`/docker/${'f'.repeat(64)}/docker/${ID}`, ID, 'docker'],
];

const host = [
  '/',
  '',
  '/init.scope',
  '/system.slice/docker.service',
  '/system.slice/containerd.service',
  `/machine.slice/libpod-conmon-${ID}.scope`,
  `/kubepods.slice/${POD}.slice/crio-conmon-${ID}.scope`,
  '/lxc.monitor.web',
  '/user.slice/user-1000.slice/session-3.scope',
  `/system.slice/docker-${ID.slice(1)}.scope`,
  '/docker/buildx',
  '/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator',
];

describe('containerOf', () => {
  for (const [path, id, runtime] of containers) {
    it(path, () => {
      const found = containerOf(path);
      assert.deepEqual([found?.id, found?.runtime], [id, runtime]);
    });
  }
  for (const path of host) {
    it(`host: ${path}`, () => assert.equal(containerOf(path), undefined));
  }

  it('tells the container’s own cgroup, and the pod', () => {
    const uid = '0a1b2c3d-1111-2222-3333-444455556666';
    const cgroup = `/kubepods.slice/kubepods-burstable.slice/${POD}.slice/crio-${ID}.scope`;
    const { cgroup: own, podUid } = containerOf(`${cgroup}/container/below`) ?? assert.fail();
    assert.deepEqual([own, podUid], [cgroup, uid]);
    const nested = containerOf(`/kubepods/pod${uid}/${'f'.repeat(64)}/docker/${ID}`);
    assert.deepEqual([nested?.id, nested?.podUid], [ID, uid]);
  });
});

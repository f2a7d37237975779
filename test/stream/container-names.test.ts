import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { containerOf } from '../../src/stream/container-id.ts';
import { ContainerBook, type ContainerFacts } from '../../src/stream/container-names.ts';
import { DockerDaemon } from '../helpers/docker-daemon.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const ID = 'c0ffee'.padEnd(64, '0123456789abcdef');
const UID = '0a1b2c3d-1111-2222-3333-444455556666';
const SLICE = `/kubepods.slice/kubepods-pod${UID.replaceAll('-', '_')}.slice`;
const PID = 4242;

/** The pod and its container as the fixtures of kubernetes have them. */
const POD = { podName: 'shop-7d4b', podNamespace: 'prod', podUid: UID };
const LABELS = {
  'io.kubernetes.container.name': 'web',
  'io.kubernetes.pod.name': 'shop-7d4b',
  'io.kubernetes.pod.namespace': 'prod',
  'io.kubernetes.pod.uid': UID,
};
/** Annotations of containerd's CRI plugin. */
const CRI = {
  'io.kubernetes.cri.container-name': 'web',
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.image-name': 'docker.io/library/nginx:1.27',
  'io.kubernetes.cri.sandbox-id': 'f'.repeat(64),
  'io.kubernetes.cri.sandbox-name': 'shop-7d4b',
  'io.kubernetes.cri.sandbox-namespace': 'prod',
  'io.kubernetes.cri.sandbox-uid': UID,
};
const LIBPOD = { 'io.container.manager': 'libpod', 'io.podman.annotations.init': 'FALSE' };
/** An entry of containers/storage's containers.json. */
const listed = (id: string, name: string, image: string) => ({
  ...{ id, names: [name], image: 'ab'.repeat(32), layer: 'cd'.repeat(32) },
  metadata: JSON.stringify({ 'image-name': image, 'image-id': 'ab'.repeat(32), name }),
  created: '2026-11-21T10:01:21.67348986Z',
});
const docker = (name: string, image: string, labels: object | null = null) => ({
  ID,
  Name: name,
  Path: '/docker-entrypoint.sh',
  Config: { Hostname: 'web', Image: image, Labels: labels },
});

/** Files below the host's root, and what is then told of a container with this cgroup. */
interface Case {
  readonly name: string;
  readonly cgroup: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly told: Partial<ContainerFacts>;
}

const OWN = (mark: string) => `/own/${mark}-${ID}.scope`;

const CASES: readonly Case[] = [
  {
    name: 'docker',
    cgroup: `/docker/${ID}`,
    files: {
      [`/var/lib/docker/containers/${ID}/config.v2.json`]: docker('/web', 'nginx:1.27'),
      // containerd works for it, and knows no name.
      [`/run/containerd/io.containerd.runtime.v2.task/moby/${ID}/config.json`]: { annotations: {} },
    },
    told: { runtime: 'docker', name: 'web', image: 'nginx:1.27' },
  },
  {
    name: 'docker with its data elsewhere',
    cgroup: `/docker/${ID}`,
    files: {
      '/etc/docker/daemon.json': { 'data-root': '/srv/docker' },
      [`/srv/docker/containers/${ID}/config.v2.json`]: docker('/web', 'nginx'),
    },
    told: { runtime: 'docker', name: 'web', image: 'nginx' },
  },
  {
    name: 'docker in kubernetes, where the path does not tell the runtime',
    cgroup: `/kubepods/pod${UID}/${ID}`,
    files: {
      [`/var/lib/docker/containers/${ID}/config.v2.json`]: docker(
        `/k8s_web_shop-7d4b_prod_${UID}_0`,
        'nginx@sha256:ab',
        LABELS,
      ),
    },
    told: { runtime: 'docker', name: 'web', image: 'nginx@sha256:ab', ...POD },
  },
  {
    name: 'podman',
    cgroup: OWN('libpod'),
    files: {
      [`/var/lib/containers/storage/overlay-containers/${ID}/userdata/config.json`]: {
        annotations: LIBPOD,
      },
      '/var/lib/containers/storage/overlay-containers/containers.json': [
        listed('f'.repeat(64), 'other', 'alpine'),
        listed(ID, 'web1', 'localhost/shop:1'),
      ],
    },
    told: { runtime: 'podman', name: 'web1', image: 'localhost/shop:1' },
  },
  {
    name: 'podman with --rm, in newer versions',
    cgroup: OWN('libpod'),
    files: {
      [`/var/lib/containers/storage/overlay-containers/${ID}/userdata/config.json`]: {
        annotations: LIBPOD,
      },
      '/var/lib/containers/storage/overlay-containers/volatile-containers.json': [
        listed(ID, 'brief', 'localhost/shop:1'),
      ],
    },
    told: { runtime: 'podman', name: 'brief', image: 'localhost/shop:1' },
  },
  {
    name: 'containerd in kubernetes',
    cgroup: `${SLICE}/cri-containerd-${ID}.scope`,
    files: {
      [`/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`]: {
        annotations: CRI,
      },
    },
    told: { runtime: 'containerd', name: 'web', image: 'docker.io/library/nginx:1.27', ...POD },
  },
  {
    name: 'containerd of k3s with cgroupfs',
    cgroup: `/kubepods/pod${UID}/${ID}`,
    files: {
      [`/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`]: {
        annotations: CRI,
      },
    },
    told: { runtime: 'containerd', name: 'web', image: 'docker.io/library/nginx:1.27', ...POD },
  },
  {
    name: 'nerdctl',
    cgroup: `/system.slice/nerdctl-${ID}.scope`,
    files: {
      [`/run/containerd/io.containerd.runtime.v2.task/default/${ID}/config.json`]: {
        annotations: { 'nerdctl/name': 'web', 'nerdctl/namespace': 'default' },
      },
    },
    told: { runtime: 'containerd', name: 'web' },
  },
  {
    name: 'CRI-O',
    cgroup: `${SLICE}/crio-${ID}.scope`,
    files: {
      [`/run/containers/storage/overlay-containers/${ID}/userdata/config.json`]: {
        annotations: {
          'io.container.manager': 'cri-o',
          'io.kubernetes.cri-o.ContainerID': ID,
          'io.kubernetes.cri-o.ImageName': 'quay.io/shop/web:2',
          'io.kubernetes.cri-o.Image': 'ab'.repeat(32),
          'io.kubernetes.cri-o.Name': `k8s_web_shop-7d4b_prod_${UID}_0`,
          'io.kubernetes.cri-o.Labels': JSON.stringify(LABELS),
        },
      },
    },
    told: { runtime: 'cri-o', name: 'web', image: 'quay.io/shop/web:2', ...POD },
  },
  {
    name: 'runc, which was started with another name',
    cgroup: `/shop/${ID}`,
    files: {
      '/run/runc/other/state.json': { cgroup_paths: { cpu: '/sys/fs/cgroup/cpu/x' }, config: {} },
      '/run/runc/shop-1/state.json': {
        id: 'shop-1',
        cgroup_paths: { cpu: `/sys/fs/cgroup/cpu/shop/${ID}` },
        config: { labels: ['bundle=/nowhere'] },
      },
    },
    told: { runtime: 'runc', name: 'shop-1' },
  },
  {
    name: 'runc for podman, which cannot be found itself',
    cgroup: OWN('libpod'),
    files: {
      [`/run/runc/${ID}/state.json`]: {
        id: ID,
        cgroup_paths: { cpu: `/sys/fs/cgroup/cpu${OWN('libpod')}` },
        config: { labels: ['io.container.manager=libpod', `bundle=/nowhere/${ID}/userdata`] },
      },
    },
    told: { runtime: 'podman', name: '' },
  },
  {
    name: 'crun',
    cgroup: `/shop/${ID}`,
    files: {
      '/run/crun/shop-2/status': { 'cgroup-path': `/shop/${ID}`, bundle: '/nowhere', pid: 1 },
    },
    told: { runtime: 'crun', name: 'shop-2' },
  },
  { name: 'LXC', cgroup: '/lxc.payload.web', files: {}, told: { runtime: 'lxc', name: 'web' } },
  {
    name: 'systemd-nspawn',
    cgroup: '/machine.slice/machine-deb\\x2d12.scope/payload',
    files: {
      '/run/systemd/machines/deb-12':
        'NAME=deb-12\nUNIT=machine-deb\\x2d12.scope\nCLASS=container\nROOT=/var/lib/machines/deb\n',
    },
    told: { runtime: 'systemd-nspawn', name: 'deb-12', image: '/var/lib/machines/deb' },
  },
  {
    name: 'a unit whose name leaves the folder',
    cgroup: '/machine.slice/machine-..\\x2f..\\x2fsecret.scope',
    files: { '/run/secret': 'ROOT=leaked\n' },
    told: { runtime: 'systemd-nspawn', name: '', image: '' },
  },
  {
    name: 'a user’s cgroup that has the name of root’s container',
    cgroup: `/user.slice/user-1000.slice/user@1000.service/docker-${ID}.scope`,
    files: { [`/var/lib/docker/containers/${ID}/config.v2.json`]: docker('/web', 'nginx') },
    told: { runtime: 'docker', name: '', image: '' },
  },
];

describe('names of containers', () => {
  let root: string;
  let now: number;
  beforeEach(() => {
    root = makeScratch();
    now = 0;
  });
  afterEach(() => removeScratch(root));

  const write = (path: string, value: unknown) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
  };
  const make = () =>
    new ContainerBook({ places: { root, proc: join(root, 'proc') }, now: () => now });
  const facts = (book: ContainerBook, cgroup: string) =>
    book.factsOf(containerOf(cgroup) ?? assert.fail(cgroup), PID);
  const empty = { name: '', image: '', runtime: '', podName: '', podNamespace: '', podUid: '' };

  for (const { name, cgroup, files, told } of CASES) {
    it(name, () => {
      for (const [path, value] of Object.entries(files)) write(path, value);
      const { id } = containerOf(cgroup) ?? assert.fail();
      assert.deepEqual(facts(make(), cgroup), { ...empty, id, ...told });
    });
  }

  it('stay when the container is gone, and are not read again', () => {
    const file = `/var/lib/docker/containers/${ID}/config.v2.json`;
    write(file, docker('/web', 'nginx'));
    const book = make();
    const first = facts(book, `/docker/${ID}`);
    rmSync(join(root, 'var'), { recursive: true });
    now = 1e9;
    assert.equal(facts(book, `/docker/${ID}`), first);
  });

  it('are looked for again at the next process, a few times', () => {
    const book = make();
    const container = containerOf(`/docker/${ID}`) ?? assert.fail();
    for (let pid = 1; pid < 16; pid++) assert.equal(book.factsOf(container, pid).name, '');
    write(`/var/lib/docker/containers/${ID}/config.v2.json`, docker('/web', 'nginx'));
    assert.equal(book.factsOf(container, 15).name, '');
    assert.equal(book.factsOf(container, 16).name, 'web');
  });

  it('are looked for again while there are none, later each time, and in the end no more', () => {
    const book = make();
    const name = () => facts(book, `/docker/${ID}`).name;
    assert.equal(name(), '');
    write(`/var/lib/docker/containers/${ID}/config.v2.json`, docker('/web', 'nginx'));
    now = 49;
    assert.equal(name(), '');
    now = 50;
    assert.equal(name(), 'web');

    const other = make();
    const never = `/docker/${'d'.repeat(64)}`;
    for (now = 0; now < 1e6; now += 10_000) assert.equal(facts(other, never).name, '');
    write(`/var/lib/docker/containers/${'d'.repeat(64)}/config.v2.json`, docker('/late', 'nginx'));
    assert.equal(facts(other, never).name, '');
  });

  for (const [kind, content] of [
    ['half written', '{"Name": "/we'],
    ['of another form', '{"Name": 7, "Config": []}'],
    ['no object', 'null'],
    ['too large', `"${'x'.repeat(5 << 20)}"`],
  ] as const) {
    it(`state that is ${kind} says nothing`, () => {
      write(`/var/lib/docker/containers/${ID}/config.v2.json`, content);
      assert.deepEqual(facts(make(), `/docker/${ID}`), { ...empty, id: ID, runtime: 'docker' });
    });
  }

  it('neither wait for a FIFO, nor follow a link, nor grow without bound', () => {
    const file = `/var/lib/docker/containers/${ID}/config.v2.json`;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    execFileSync('mkfifo', [join(root, file)]);
    assert.equal(facts(make(), `/docker/${ID}`).name, '');
    rmSync(join(root, file));
    write('/elsewhere', docker('/web', 'nginx'));
    symlinkSync(join(root, 'elsewhere'), join(root, file));
    assert.equal(facts(make(), `/docker/${ID}`).name, '');
    rmSync(join(root, file));
    write(file, docker(`/${'n'.repeat(5000)}`, 'nginx'));
    assert.equal(facts(make(), `/docker/${ID}`).name.length, 1024);
  });

  describe('by the process that watches over the container', () => {
    /** Process 4242 in the container, its parent 4000 in `cgroup`. */
    const family = (cgroup: string, uid: number, parentCgroup: string) => {
      write(`/proc/${PID}/cgroup`, `0::${cgroup}\n`);
      write(`/proc/${PID}/status`, 'Name:\tsh\nPPid:\t4000\nUid:\t0\t0\t0\t0\n');
      write('/proc/4000/cgroup', `0::${parentCgroup}\n`);
      write('/proc/4000/status', `Name:\tx\nPPid:\t1\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    };
    const podman = () => {
      const folder = '/srv/pods/overlay-containers';
      write(`${folder}/${ID}/userdata/config.json`, { annotations: LIBPOD });
      write(`${folder}/containers.json`, [listed(ID, 'web1', 'localhost/shop:1')]);
      const bundle = join(root, folder, ID, 'userdata');
      write('/proc/4000/cmdline', `/usr/bin/conmon\0-c\0${ID}\0-b\0${bundle}\0-n\0web1\0`);
    };
    const cgroup = OWN('libpod');

    it('conmon, with storage elsewhere', () => {
      podman();
      family(cgroup, 0, '/own/libpod-conmon.scope');
      const { name, image, runtime } = facts(make(), cgroup);
      assert.deepEqual([name, image, runtime], ['web1', 'localhost/shop:1', 'podman']);
    });

    it('a shim of containerd, with state elsewhere', () => {
      const folder = `/srv/state/io.containerd.runtime.v2.task/k8s.io/${ID}`;
      write(`${folder}/config.json`, { annotations: CRI });
      const shimmed = `${SLICE}/cri-containerd-${ID}.scope`;
      family(shimmed, 0, '/system.slice/containerd.service');
      symlinkSync(join(root, folder), join(root, 'proc/4000/cwd'));
      assert.equal(facts(make(), shimmed).name, 'web');
    });

    it('not one of a user, nor one inside', () => {
      podman();
      family(cgroup, 1000, '/own/libpod-conmon.scope');
      assert.equal(facts(make(), cgroup).name, '');
      family(cgroup, 0, `${cgroup}/inner`);
      assert.equal(facts(make(), cgroup).name, '');
    });
  });

  describe('that may be long in coming', () => {
    it('podman of a user', async () => {
      write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n');
      write('/home/ann/.local/share/containers/storage/overlay-containers/containers.json', [
        listed(ID, 'mine', 'docker.io/library/alpine:3'),
      ]);
      const cgroup = `/user.slice/user-1000.slice/user@1000.service/libpod-${ID}.scope`;
      const book = make();
      assert.equal(facts(book, cgroup).name, '', 'the first row does not wait');
      const { name, image, runtime } = await eventually(
        async () => facts(book, cgroup),
        (found) => found.name !== '',
      );
      assert.deepEqual([name, image, runtime], ['mine', 'docker.io/library/alpine:3', 'podman']);
    });

    it('docker’s daemon, where its data are elsewhere', async () => {
      const daemon = await DockerDaemon.start(join(root, 'var/run/docker.sock'), {
        [`/containers/${ID}/json`]: docker('/asked', 'nginx'),
      });
      try {
        const book = make();
        assert.equal(facts(book, `/docker/${ID}`).name, '', 'the first row does not wait');
        const found = await eventually(
          async () => facts(book, `/docker/${ID}`),
          ({ name }) => name !== '',
        );
        assert.deepEqual([found.name, found.image], ['asked', 'nginx']);
      } finally {
        await daemon.stop();
      }
    });
  });
});

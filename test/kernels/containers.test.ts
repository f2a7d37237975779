/**
 * Real containers where cgroup v2 is all there is: crun, runc, podman with crun, and systemd-nspawn,
 * watched by the whole daemon.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchKernel } from './fetch.mjs';
import { runMachine } from './guest.ts';
import { planOf } from './plan.ts';
import { KERNELS, prepareImage, ROOT } from './prepare.ts';

const inside = (name: string) =>
  `/bin/busybox sleep 0.3; : > /made-by-${name}; /bin/busybox sleep 0.5`;
const hex = (runtime: string) => Buffer.from(runtime).toString('hex').padEnd(64, '0');

/** The bundle's config.json; its root is shared. */
const spec = (runtime: string) => ({
  ociVersion: '1.0.2',
  process: {
    user: { uid: 0, gid: 0 },
    args: ['/bin/busybox', 'sh', '-c', inside(runtime)],
    env: ['PATH=/bin'],
    cwd: '/',
  },
  root: { path: '/shop/rootfs' },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  linux: {
    cgroupsPath: `/shop/${hex(runtime)}`,
    namespaces: ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type })),
  },
});

const OCI = ['crun', 'runc'];
const ALIKE = [
  ...['/usr/bin/crun', '/usr/sbin/runc', '/usr/bin/podman', '/usr/bin/conmon'],
  '/usr/bin/systemd-nspawn',
  ...['/etc/containers/policy.json', '/usr/share/containers/seccomp.json'],
];
const PODMAN = 'podman --storage-driver vfs --cgroup-manager cgroupfs --events-backend none';

/** What runs after the container's state is there for certain. */
const columns =
  'container_name, container_image, container_runtime, length(container_id) AS digits';
const QUERIES = {
  execs: `SELECT ${columns} FROM process_events
    WHERE cmdline = '/bin/busybox sleep 0.5' AND container_id IS NOT NULL ORDER BY seq`,
  files: `SELECT ${columns} FROM process_file_events
    WHERE operation = 'create' AND path LIKE '%/made-by-%' AND executable LIKE '%/busybox'
    ORDER BY seq`,
  first: `SELECT count(DISTINCT container_id) AS n FROM process_events
    WHERE cmdline = '/bin/busybox sleep 0.3'`,
  ids: `SELECT DISTINCT container_id AS id FROM process_events
    WHERE container_name IN ('shop-crun', 'shop-runc') ORDER BY id`,
  host: `SELECT DISTINCT container_id AS id, container_name AS name FROM process_events
    WHERE cmdline = '/bin/busybox sleep 0.1'`,
} as const;

const script = `
mkdir -p /tmp/state /shop/rootfs/bin /shop/rootfs/proc /shop/rootfs/dev /var/tmp
cp /bin/busybox /shop/rootfs/bin/
echo '{"debounce": {"window_ms": 0}}' > /tmp/config
bin/weir.js daemon --state-dir /tmp/state --config /tmp/config >/tmp/ready 2>/tmp/log &
daemon=$!
for i in $(seq 480); do grep -q ready /tmp/ready && break; kill -0 $daemon || break; sleep 0.5; done
grep -q ready /tmp/ready || { wait $daemon; echo "daemon ended with $?"; cat /tmp/ready /tmp/log; dmesg | grep -iE "segf|oom|kill" | tail -5; exit 3; }
# The root of this machine is no mount that could be pivoted.
${OCI.map(
  (runtime) => `mkdir -p /shop/${runtime}
cp /weir/${runtime}.json /shop/${runtime}/config.json
${runtime} run --no-pivot --bundle /shop/${runtime} shop-${runtime} || exit 4`,
).join('\n')}
mkdir -p /etc/containers /dev/shm
mount -t tmpfs tmpfs /dev/shm
printf '[engine]\\nno_pivot_root = true\\n' > /etc/containers/containers.conf
tar -C /shop/rootfs -cf /tmp/image.tar .
${PODMAN} import --quiet /tmp/image.tar localhost/shop:1 || exit 5
${PODMAN} --runtime crun run --name shop-podman --network none --log-driver none \\
  localhost/shop:1 /bin/busybox sh -c '${inside('podman')}' || exit 6
mkdir -p /usr/lib /shop/rootfs/usr /shop/rootfs/etc /shop/rootfs/run /shop/rootfs/sys /shop/rootfs/tmp
echo ID=machine > /usr/lib/os-release
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
echo ID=shop > /shop/rootfs/etc/os-release
# The scope is what systemd would make.
scope='/sys/fs/cgroup/machine.slice/machine-shop\\x2dnspawn.scope'
mkdir -p "$scope"
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SCOPE="$scope" sh -c 'echo $$ > "$SCOPE/cgroup.procs"; exec "$@"' sh systemd-nspawn --quiet --register=no \\
  --keep-unit -M shop-nspawn -D /shop/rootfs /bin/busybox sh -c '${inside('nspawn')}' </dev/null || exit 7
/bin/busybox sleep 0.1
sleep 2
${Object.entries(QUERIES)
  .map(([name, sql]) => {
    const text = sql.replaceAll(/\s+/g, ' ');
    return `echo "${name} $(bin/weir.js query --json --state-dir /tmp/state "${text}" | tr -d '\\n')"`;
  })
  .join('\n')}
kill $daemon
wait $daemon
echo "stopped [{\\"code\\": $?}]"
`;

describe('kernels: containers in QEMU', function () {
  this.timeout(600_000);
  let image = '';
  let scratch = '';
  before(() => {
    image = prepareImage();
    scratch = mkdtempSync(join(tmpdir(), 'weir-bundles-'));
    for (const runtime of OCI) {
      writeFileSync(join(scratch, `${runtime}.json`), JSON.stringify(spec(runtime)));
    }
  });
  after(() => rmSync(scratch, { recursive: true }));

  const plan = planOf();
  for (const { suite, version } of KERNELS.filter((one) => plan.get(one.version)?.containers)) {
    it(`${version} of ${suite}`, () => {
      const kernel = fetchKernel(suite, version, join(ROOT, 'build/kernels', version));
      const files = OCI.map((runtime) => join(scratch, `${runtime}.json`));
      const { output } = runMachine({ kernel, image, script, files, alike: ALIKE });
      const lists = new Map<string, unknown>();
      for (const line of output.split('\n')) {
        const found = /^(\w+) (\[.*\])$/.exec(line);
        if (found?.[1] !== undefined) lists.set(found[1], JSON.parse(found[2] ?? ''));
      }
      const known = [...OCI, 'podman', 'nspawn'].map((name) => ({
        container_name: `shop-${name}`,
        container_image: name === 'podman' ? 'localhost/shop:1' : null,
        container_runtime: name === 'nspawn' ? 'systemd-nspawn' : name,
        digits: name === 'nspawn' ? 'shop-nspawn'.length : 64,
      }));
      assert.deepEqual(lists.get('execs'), known, output);
      assert.deepEqual(lists.get('files'), known, output);
      assert.deepEqual(lists.get('first'), [{ n: 4 }], output);
      const ids = OCI.map((runtime) => ({ id: hex(runtime) }));
      assert.deepEqual(lists.get('ids'), ids, output);
      assert.deepEqual(lists.get('host'), [{ id: null, name: null }], output);
      assert.deepEqual(lists.get('stopped'), [{ code: 0 }], output);
    });
  }
});

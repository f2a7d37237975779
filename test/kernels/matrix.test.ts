/**
 * The whole daemon on Debian's kernels, from the oldest that has what eBPF needs to the newest:
 * the same known workloads, exact counts, and the sum of weir_loss.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { comparable, said, saidQuery } from '../helpers/said.ts';
import { fetchKernel } from './fetch.mjs';
import { run } from './machine.mjs';
import { KERNELS, prepareImage, ROOT } from './prepare.ts';

const TIMES = 23;

/** One answer of the machine a line: NAME JSON. */
const QUERIES = {
  execs: "SELECT count(*) AS n FROM process_events WHERE cmdline = '/bin/busybox id -u'",
  exec: `SELECT path, cwd, syscall, uid, parent_path FROM process_events
    WHERE cmdline = '/bin/busybox id -u' LIMIT 1`,
  exits:
    "SELECT count(*) AS n FROM process_lifecycle_events WHERE action = 'exit' AND cmdline = '/bin/busybox id -u'",
  connects: `SELECT count(*) AS n, min(status) AS status, min(local_address) AS local, min(remote_address) AS remote
    FROM socket_events WHERE action = 'connect' AND path LIKE '%/tcp_pair'`,
  accepts:
    "SELECT count(*) AS n FROM socket_events WHERE action = 'accept' AND path LIKE '%/tcp_pair'",
  joined: `SELECT count(*) AS n FROM socket_events s JOIN process_events p USING (exec_id)
    WHERE s.action = 'connect' AND p.path LIKE '%/tcp_pair'`,
  files: `SELECT group_concat(operation, ' ') AS operations FROM (SELECT operation
    FROM process_file_events WHERE executable LIKE '%/file_life' ORDER BY seq)`,
  renamed: `SELECT path, dest_path FROM process_file_events
    WHERE operation = 'rename' AND executable LIKE '%/file_life' ORDER BY seq LIMIT 1`,
  loss: "SELECT group_concat(class || ':' || balance || ':' || (lost_ring + lost_map + lost_decode + lost_queue + lost_store), ' ') AS sums FROM weir_loss",
} as const;

/** Tables by workload: it says which rows it must leave there. */
const SAYING: Readonly<Record<string, readonly string[]>> = {
  rights: ['credential_events', 'namespace_events'],
  others: ['ptrace_events', 'signal_events'],
  mounts: ['mount_events'],
  code: [
    ...['memory_events', 'exec_failed_events', 'bpf_load_events', 'module_events'],
    'process_events',
  ],
  rings: ['io_uring_events'],
};

/** Runs a workload and prints what it said, a line each behind "said NAME", and its tables' rows. */
function saying(workload: string, tables: readonly string[]): string {
  const file = `/tmp/said-${workload}`;
  const pids = (table: string): string =>
    `$(sed -n 's/^{"table": "${table}", .*"pid": \\([0-9]*\\),.*/\\1/p' ${file} | sort -u | tr '\\n' ',')0`;
  return [
    `mkdir -m 755 /tmp/in-${workload}`,
    `build/workloads/${workload} /tmp/in-${workload} >${file} || { cat ${file}; exit 6; }`,
    `sed 's/^/said ${workload} /' ${file}`,
    'sleep 1',
    ...tables.map(
      (table) =>
        `echo "rows_${table} $(bin/weir.js query --json --state-dir /tmp/state "${saidQuery(table, `pid IN (${pids(table)})`)}" | tr -d '\\n')"`,
    ),
  ].join('\n');
}

const script = (workloads: readonly string[]): string => `
mkdir -p /tmp/state /tmp/life
echo '{"debounce": {"window_ms": 0}}' > /tmp/config
bin/weir.js daemon --state-dir /tmp/state --config /tmp/config >/tmp/ready 2>/tmp/log &
daemon=$!
for i in $(seq 120); do grep -q ready /tmp/ready && break; kill -0 $daemon || break; sleep 0.5; done
grep -q ready /tmp/ready || { wait $daemon; echo "daemon ended with $?"; cat /tmp/ready /tmp/log; exit 3; }
i=0; while [ $i -lt ${TIMES} ]; do /bin/busybox id -u >/dev/null; i=$((i + 1)); done
build/workloads/tcp_pair ${TIMES} 4 >/dev/null || exit 4
build/workloads/file_life /tmp/life >/dev/null || exit 5
${workloads.map((name) => saying(name, SAYING[name] ?? [])).join('\n')}
sleep 2
${Object.entries(QUERIES)
  .map(([name, sql]) => {
    const text = sql.replaceAll(/\s+/g, ' ');
    return `echo "${name} $(bin/weir.js query --json --state-dir /tmp/state "${text}" | tr -d '\\n')"`;
  })
  .join('\n')}
kill $daemon
wait $daemon
echo "facts $(node_modules/.bin/node compare-facts.ts /weir)"
echo "stopped [{\\"code\\": $?}]"
`;

const LIFE =
  'create close_write open_write close_write rename link symlink chmod chown truncate mkdir rename unlink unlink unlink rmdir';

const FACTS = join(ROOT, 'test/live/compare-facts.ts');

describe('kernels: the daemon in QEMU', function () {
  this.timeout(600_000);
  let image = '';
  before(() => {
    image = prepareImage();
  });

  for (const { suite, version } of KERNELS) {
    it(`${version} of ${suite}`, () => {
      const kernel = fetchKernel(suite, version, join(ROOT, 'build/kernels', version));
      // Requests by io_uring are told in full since 6.0.
      const workloads = Object.keys(SAYING).filter((w) => w !== 'rings' || version !== '5.10');
      const module = join(ROOT, 'build/kernels', version, 'dummy.ko');
      const { output, status } = run(kernel, image, script(workloads), { files: [module, FACTS] });
      assert.equal(status, 0, output);
      const lists = new Map<string, Record<string, unknown>[]>();
      for (const line of output.split('\n')) {
        const found = /^(\w+) (\[.*\])$/.exec(line);
        if (found?.[1] === undefined) continue;
        lists.set(found[1], JSON.parse(found[2] ?? '[]'));
      }
      for (const workload of workloads) {
        const prefix = `said ${workload} `;
        const lines = output.split('\n').filter((line) => line.startsWith(prefix));
        const expected = said(lines.map((line) => line.slice(prefix.length)).join('\n'));
        for (const table of SAYING[workload] ?? []) {
          const wanted = expected.get(table) ?? assert.fail(`${workload} says nothing of ${table}`);
          assert.deepEqual(comparable(lists.get(`rows_${table}`) ?? [], wanted), wanted, table);
        }
      }
      const answer = (name: string) =>
        lists.get(name)?.[0] ?? assert.fail(`no answer ${name}: ${output}`);
      assert.equal(Number(answer('execs').n), TIMES);
      assert.deepEqual(
        { ...answer('exec'), uid: Number(answer('exec').uid) },
        {
          path: '/bin/busybox',
          cwd: '/weir',
          syscall: 'execve',
          uid: 0,
          parent_path: '/bin/busybox',
        },
      );
      assert.equal(Number(answer('exits').n), TIMES);
      assert.deepEqual(
        { ...answer('connects'), n: Number(answer('connects').n) },
        { n: TIMES, status: 'succeeded', local: '127.0.0.1', remote: '127.0.0.1' },
      );
      assert.equal(Number(answer('accepts').n), TIMES);
      assert.equal(Number(answer('joined').n), TIMES);
      assert.equal(answer('files').operations, LIFE);
      assert.deepEqual(answer('renamed'), {
        path: '/tmp/life/first',
        dest_path: '/tmp/life/second',
      });
      for (const sum of String(answer('loss').sums).split(' ')) assert.match(sum, /^\w+:0:0$/);
      const { had, ours, equal } = answer('facts');
      assert.deepEqual({ had, ours }, { had: true, ours: [] });
      assert.ok(Number(equal) > 60, `${equal} files`);
      assert.equal(answer('stopped').code, 0);
    });
  }
});

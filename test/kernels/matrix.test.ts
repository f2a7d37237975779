/**
 * The whole daemon on Debian's kernels, from the oldest that has what eBPF needs to the newest:
 * the same known workloads, exact counts, and the sum of weir_loss.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { comparable, said, saidQuery } from '../helpers/said.ts';
import { fetchKernel } from './fetch.mjs';
import { LOSS, runMachine, session } from './guest.ts';
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
  dns: `SELECT group_concat(row, ' ') AS rows FROM (SELECT action || ' ' || query || ' ' || query_type || ' '
    || protocol || ' ' || ifnull(rcode || ' ' || json_extract(answers, '\\$[0].data'), '-') || ' ' || count(*) AS row
    FROM dns_events WHERE path LIKE '%/dns_pair' GROUP BY query, action, query_type, protocol, rcode ORDER BY query, action)`,
  loss: LOSS,
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

/** Where a workload's words are kept. */
const SAID_FILE = (workload: string): string => `/tmp/said-${workload}`;

/** Shell that runs a workload and prints what it said, a line each behind "said NAME". */
function saying(workload: string): string {
  const file = SAID_FILE(workload);
  return [
    `mkdir -m 755 /tmp/in-${workload}`,
    `build/workloads/${workload} /tmp/in-${workload} >${file} || { cat ${file}; exit 6; }`,
    `sed 's/^/said ${workload} /' ${file}`,
  ].join('\n');
}

/** The rows of a workload's processes in a table. */
function saidRows(workload: string, table: string): string {
  const pids = `$(sed -n 's/^{"table": "${table}", .*"pid": \\([0-9]*\\),.*/\\1/p' ${SAID_FILE(workload)} | sort -u | tr '\\n' ',')0`;
  return saidQuery(table, `pid IN (${pids})`);
}

function script(workloads: readonly string[]): string {
  const rows = workloads.flatMap((workload) =>
    (SAYING[workload] ?? []).map((table) => [`rows_${table}`, saidRows(workload, table)] as const),
  );
  return `${session({
    work: `
i=0; while [ $i -lt ${TIMES} ]; do /bin/busybox id -u >/dev/null; i=$((i + 1)); done
build/workloads/tcp_pair ${TIMES} 4 >/dev/null || exit 4
build/workloads/file_life /tmp/life >/dev/null || exit 5
build/workloads/dns_pair >/dev/null || exit 8
${workloads.map(saying).join('\n')}`,
    queries: { ...QUERIES, ...Object.fromEntries(rows) },
  })}
echo "facts $(node_modules/.bin/node compare-facts.ts /weir)"
`;
}

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
      const told = runMachine({ kernel, image, script: script(workloads), files: [module, FACTS] });
      for (const workload of workloads) {
        const prefix = `said ${workload} `;
        const lines = told.output.split('\n').filter((line) => line.startsWith(prefix));
        const expected = said(lines.map((line) => line.slice(prefix.length)).join('\n'));
        for (const table of SAYING[workload] ?? []) {
          const wanted = expected.get(table) ?? assert.fail(`${workload} says nothing of ${table}`);
          assert.deepEqual(comparable(told.rows(`rows_${table}`), wanted), wanted, table);
        }
      }
      const answer = (name: string) => told.answer(name);
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
      assert.equal(
        answer('dns').rows,
        [
          'answer tcp.weir.test A 6 NOERROR 127.0.0.7 1',
          'question tcp.weir.test A 6 - 1',
          `answer udp.weir.test A 17 NOERROR 127.0.0.7 ${TIMES}`,
          `question udp.weir.test A 17 - ${TIMES}`,
        ].join(' '),
      );
      const { had, ours, equal } = answer('facts');
      assert.deepEqual({ had, ours }, { had: true, ours: [] });
      assert.ok(Number(equal) > 60, `${equal} files`);
      told.endedWell();
    });
  }
});

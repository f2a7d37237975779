/**
 * What is run in one boot of a kernel: a daemon for each tier of hooks and one without eBPF, each with the
 * workloads and the live suites; then one on a kernel that preempts wherever it can.
 */
import { readFileSync } from 'node:fs';
import { parseJsonc } from '../../src/config/jsonc.ts';
import { packSchema } from '../../src/detect/pack-schema.ts';
import { MIXED_LIFE, MIXED_SOCKETS, mixedFiles } from '../helpers/mixed.ts';
import { saidQuery } from '../helpers/said.ts';
import { SHARED_CGROUP } from '../helpers/surroundings.ts';
import { LOSS, session } from './guest.ts';
import { SUITES } from './suites.ts';

export const TIMES = 23;

/** Best hooks to use (`sensor.tiers`), and by which files and sockets must then come. */
export const TIERS = { best: 'trampoline', kprobe: 'kprobe', tracepoint: 'tracepoint' } as const;
export type Tiers = keyof typeof TIERS;

/** Shell that answers, as the kernel tells it of every process, which tracepoints of system calls have programs. */
const tracedCalls = (name: string): string =>
  `echo "${name}.traced [{\\"calls\\": \\"$(bpftool perf show | sed -n 's/.*tracepoint  *\\(sys_[a-z0-9_]*\\).*/\\1/p' | sort | xargs)\\"}]"`;

/** What each tier is asked. */
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
  exchanged: `SELECT group_concat(path || '>' || dest_path, ' ') AS pairs FROM (SELECT path, dest_path
    FROM process_file_events WHERE path LIKE '/tmp/life/%' AND executable LIKE '%/file_edges' AND operation = 'rename' ORDER BY seq)`,
  sources: `SELECT group_concat(DISTINCT source) AS sources FROM process_file_events
    WHERE executable LIKE '%/file_life' AND operation <> 'close_write'`,
  others: `SELECT group_concat(operation || ' ' || path || ifnull(nullif(' > ' || dest_path, ' > '), ''), ', ') AS rows
    FROM (SELECT operation, path, dest_path FROM process_file_events
    WHERE executable LIKE '%/other_ways' ORDER BY seq)`,
  verdicts: `SELECT group_concat(action || ' ' || converted || ' ' || outcome, ', ') AS rows FROM (SELECT action, converted, outcome
    FROM behavior_events WHERE scope = 'tree' ORDER BY seq)`,
  hooks: 'hooks',
  tiers: `SELECT group_concat(DISTINCT tier) AS tiers FROM weir_coverage
    WHERE class IN ('file', 'socket')`,
  loss: LOSS,
} as const;

/** Of the best tier: what comes the same way in every tier. */
const BEST_QUERIES = {
  dns: `SELECT group_concat(row, ' ') AS rows FROM (SELECT action || ' ' || query || ' ' || query_type || ' '
    || protocol || ' ' || ifnull(rcode || ' ' || json_extract(answers, '\\$[0].data'), '-') || ' ' || count(*) AS row
    FROM dns_events WHERE path LIKE '%/dns_pair' GROUP BY query, action, query_type, protocol, rcode ORDER BY query, action)`,
  rules: `SELECT group_concat(rule, ' ') AS names FROM (SELECT DISTINCT rule FROM detections
    WHERE rule LIKE 'kernel_module_%' ORDER BY rule)`,
} as const;

/** Shipped rules that a kernel with modules is needed for, which the host may not be. */
const MODULE_RULES = ['kernel_module_from_memory', 'kernel_module_from_odd_place'];
const STEALTH = new URL('../../queries/weir-stealth.json', import.meta.url);

function moduleRules(): object {
  const { queries } = packSchema.parse(parseJsonc(readFileSync(STEALTH)).value);
  return Object.fromEntries(MODULE_RULES.map((name) => [name, queries[name]]));
}

/** Tables by workload: it says which rows it must leave there. */
export const SAYING: Readonly<Record<string, readonly string[]>> = {
  rights: ['credential_events', 'namespace_events'],
  others: ['ptrace_events', 'signal_events'],
  mounts: ['mount_events'],
  code: [
    ...['memory_events', 'exec_failed_events', 'bpf_load_events', 'module_events'],
    'process_events',
  ],
  rings: ['io_uring_events'],
};

/** Requests by io_uring are told in full since 6.0. */
export const workloadsOf = (version: string): readonly string[] =>
  Object.keys(SAYING).filter((workload) => workload !== 'rings' || version !== '5.10');

const saidFile = (workload: string): string => `/tmp/said-${workload}`;

/** Shell that runs a workload and prints what it said, a line each behind "said NAME". */
function saying(workload: string): string {
  const file = saidFile(workload);
  return [
    `mkdir -m 755 /tmp/in-${workload}`,
    `build/workloads/${workload} /tmp/in-${workload} >${file} || { cat ${file}; exit 6; }`,
    `sed 's/^/said ${workload} /' ${file}`,
  ].join('\n');
}

/** The rows of a workload's processes in a table. */
function saidRows(workload: string, table: string): string {
  const pids = `$(sed -n 's/^{"table": "${table}", .*"pid": \\([0-9]*\\),.*/\\1/p' ${saidFile(workload)} | sort -u | tr '\\n' ',')0`;
  return saidQuery(table, `pid IN (${pids})`);
}

/**
 * Shell that runs them and answers with their exit code as `NAME.live`; what they say goes before it. When
 * they fail they are run once more, which is said: under emulation on a busy host much is late.
 */
function liveSuites(name: string, suites: readonly string[], variables: object): string {
  const all = Object.entries({
    WEIR_TEST_WORKLOADS: '/weir/build/workloads',
    WEIR_TEST_STATE: '/tmp/state',
    WEIR_TEST_SLOWNESS: 6,
    // A live test that failed is tried once more there, too.
    ...(process.env.CI === undefined ? {} : { CI: process.env.CI }),
    ...variables,
  }).map(([variable, value]) => `${variable}=${value}`);
  const files = suites.map((suite) => `test/live/${suite}.test.ts`);
  return `
for try in 1 2; do
  env ${all.join(' ')} node_modules/.bin/node --liftoff-only node_modules/mocha/bin/mocha.js --timeout 120000 ${files.join(' ')} >/tmp/live 2>&1
  code=$?
  cat /tmp/live
  [ $code != 0 ] || break
  echo "${name}: the live suites failed, try $try"
done
echo "${name}.live [{\\"code\\": $code, \\"passing\\": $(sed -n 's/^ *\\([0-9]*\\) passing.*/\\1/p' /tmp/live)}]"`;
}

/** Collection is restricted, so that nothing else of the machine is counted. */
const ONLY = { collect: { only: { cgroups: [SHARED_CGROUP] } } };
const FOLDER = `/sys/fs/cgroup${SHARED_CGROUP}`;

const inside = (work: string): string => `
(
echo 0 >${FOLDER}/cgroup.procs
i=0; while [ $i -lt ${TIMES} ]; do /bin/busybox id -u >/dev/null; i=$((i + 1)); done
${work}
) || exit $?`;

const tierPart = (tiers: Tiers, covered: string, version: string) => {
  const workloads = tiers === 'best' ? workloadsOf(version) : [];
  const rows = workloads.flatMap((workload) =>
    (SAYING[workload] ?? []).map((table) => [`rows_${table}`, saidRows(workload, table)] as const),
  );
  const work = `
build/workloads/tcp_pair ${TIMES} 4 >/dev/null || exit 4
build/workloads/file_life /tmp/life >/dev/null || exit 5
build/workloads/file_edges /tmp/life >/dev/null || exit 6
echo "${tiers}.allowed [$(build/workloads/other_ways /tmp/life)]"
for kind in in_place copy rename_first; do
  mkdir -p /tmp/life/$kind/d0 /tmp/life/$kind/d1
  for i in $(seq 0 39); do echo $i > /tmp/life/$kind/d$((i / 25))/f$i.txt; done
  build/workloads/behave $kind /tmp/life/$kind 0 40
  echo "${tiers}.$kind [{\\"locked\\": $(find /tmp/life/$kind -name '*.locked' | wc -l)}]"
done
${tiers === 'best' ? 'build/workloads/dns_pair >/dev/null || exit 8' : ''}
${tiers === 'best' ? 'mkdir -p /opt && : >/opt/x.ko && build/workloads/deeds module /opt/x.ko && build/workloads/deeds module-memory || exit 9' : ''}
${workloads.map(saying).join('\n')}`;
  return session({
    prefix: tiers,
    config: {
      ...ONLY,
      sensor: { tiers },
      ...(tiers === 'best' ? { schedule: moduleRules() } : {}),
      response: { enabled: true },
      behavior: { ransomware: { threshold: 20, respond: 'kill' } },
    },
    work: `${tracedCalls(tiers)}\n${inside(work)}\n${liveSuites(tiers, SUITES, { WEIR_TEST_PROVIDER: 'ebpf', WEIR_TEST_TIER: covered })}`,
    queries: { ...QUERIES, ...(tiers === 'best' ? BEST_QUERIES : {}), ...Object.fromEntries(rows) },
  });
};

/** tmpfs, which is all that the machine has, can be watched by fanotify since 5.13. */
export const watchesFilesWithoutBpf = (version: string): boolean => version !== '5.10';

const netlinkPart = (version: string) =>
  session({
    prefix: 'netlink',
    config: { ...ONLY, provider: 'netlink' },
    work: `${inside('')}
${liveSuites(
  'netlink',
  SUITES.filter((suite) => suite !== 'behaviour-file' || watchesFilesWithoutBpf(version)),
  { WEIR_TEST_PROVIDER: 'netlink' },
)}`,
    queries: {
      provider: 'SELECT provider FROM weir_health',
      loss: LOSS,
    },
  });

const EXACT = { rate_limit: { tree: 0, cgroup: 0 }, repeats: { interval_ms: 0 } };

/** Threads that take the CPU from each other wherever they are, in programs, too. */
const PREEMPTING = `
mount -t debugfs debugfs /sys/kernel/debug
[ ! -e /sys/kernel/debug/sched/preempt ] || echo full >/sys/kernel/debug/sched/preempt || exit 7
${session({
  prefix: 'preempt',
  config: { sensor: EXACT },
  work: 'echo "preempt.told [$(build/workloads/preempt /tmp/life 200)]"',
  queries: {
    mixed: mixedFiles('/tmp/life'),
    connected: MIXED_SOCKETS,
    lived: MIXED_LIFE,
    hooks: 'hooks',
    tiers: QUERIES.tiers,
    loss: LOSS,
    skipped: 'SELECT class, recursion_misses FROM weir_loss WHERE recursion_misses > 0',
  },
})}`;

/** Names of the parts in their order. */
export const PARTS = ['best', 'kprobe', 'tracepoint', 'netlink', 'preempt'] as const;
export type PartName = (typeof PARTS)[number];

/** The script of a boot. `covered`: by which hooks files and sockets come in each tier. */
export function bootScript(
  version: string,
  covered: Readonly<Record<Tiers, string>>,
  parts: readonly PartName[] = PARTS,
): string {
  const scripts = parts.map((part) => {
    if (part === 'preempt') return PREEMPTING;
    if (part === 'netlink') return netlinkPart(version);
    return tierPart(part, covered[part], version);
  });
  return `
mkdir ${FOLDER}
for module in /weir/*_diag.ko /weir/overlay.ko; do [ ! -e $module ] || insmod $module || exit 9; done
${scripts.map((part, i) => `echo "took $(cut -d' ' -f1 /proc/uptime) s until ${parts[i]}"\n(${part}) || exit $?`).join('\n')}
echo "facts $(node_modules/.bin/node compare-facts.ts /weir)"
echo "took $(cut -d' ' -f1 /proc/uptime) s in all"
`;
}

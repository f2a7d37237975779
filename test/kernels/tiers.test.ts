/**
 * Each tier of hooks on Debian's kernels: files and sockets come by functions of the kernel, whatever
 * way it was asked, and the same as by tracepoints where those see them. Nothing is doubled.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  MIXED_LIFE,
  MIXED_SOCKETS,
  mixedFiles,
  type Preempted,
  unmixed,
} from '../helpers/mixed.ts';
import { fetchKernel } from './fetch.mjs';
import { LOSS, numbers, runMachine, type Said, session } from './guest.ts';
import { KERNELS, prepareImage, ROOT } from './prepare.ts';

const TIMES = 23;

/** Best hooks to use, and what coverage of files and sockets must then say. */
const TIERS = { best: 'trampoline', kprobe: 'kprobe', tracepoint: 'tracepoint' };
type Tiers = keyof typeof TIERS;

/** The best where a kernel preempts, as 7 always does and 5.10 never: without trampolines. */
const PREEMPTED = { ...TIERS, best: 'kprobe' };

const tiersOf = (version: string): Readonly<Record<Tiers, string>> =>
  version === '7' ? PREEMPTED : TIERS;

/** One answer of the machine a line: TIERS.NAME JSON. */
const QUERIES = {
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
    FROM process_file_events WHERE executable LIKE '%/file_edges' AND operation = 'rename' ORDER BY seq)`,
  sources: `SELECT group_concat(DISTINCT source) AS sources FROM process_file_events
    WHERE executable LIKE '%/file_life' AND operation <> 'close_write'`,
  others: `SELECT group_concat(operation || ' ' || path || ifnull(nullif(' > ' || dest_path, ' > '), ''), ', ') AS rows
    FROM (SELECT operation, path, dest_path FROM process_file_events
    WHERE executable LIKE '%/other_ways' ORDER BY seq)`,
  verdicts: `SELECT group_concat(action || ' ' || converted || ' ' || outcome, ', ') AS rows FROM (SELECT action, converted, outcome
    FROM behavior_events WHERE scope = 'tree' ORDER BY seq)`,
  tiers: `SELECT group_concat(DISTINCT tier) AS tiers FROM weir_coverage
    WHERE class IN ('file', 'socket')`,
  loss: LOSS,
} as const;

const EXACT = { rate_limit: { tree: 0, cgroup: 0 }, repeats: { interval_ms: 0 } };

const PART = (tiers: Tiers) =>
  session({
    prefix: tiers,
    config: {
      sensor: { tiers },
      response: { enabled: true },
      behavior: { ransomware: { threshold: 20, respond: 'kill' } },
    },
    work: `
build/workloads/tcp_pair ${TIMES} 4 >/dev/null || exit 4
build/workloads/file_life /tmp/life >/dev/null || exit 5
build/workloads/file_edges /tmp/life >/dev/null || exit 6
echo "${tiers}.allowed [$(build/workloads/other_ways /tmp/life)]"
for kind in in_place copy rename_first; do
  mkdir -p /tmp/life/$kind/d0 /tmp/life/$kind/d1
  for i in $(seq 0 39); do echo $i > /tmp/life/$kind/d$((i / 25))/f$i.txt; done
  build/workloads/behave $kind /tmp/life/$kind 0 40
  echo "${tiers}.$kind [{\\"locked\\": $(find /tmp/life/$kind -name '*.locked' | wc -l)}]"
done`,
    queries: QUERIES,
  });

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
    tiers: QUERIES.tiers,
    loss: LOSS,
    skipped: 'SELECT class, recursion_misses FROM weir_loss WHERE recursion_misses > 0',
  },
})}`;

const LIFE =
  'create close_write open_write close_write rename link symlink chmod chown truncate mkdir rename unlink unlink unlink rmdir';

/** What other_ways did, as far as this kernel allowed it, by functions that every way passes. */
function otherRows(allowed: Record<string, unknown>): string {
  const rows: string[] = [];
  if (Number(allowed.ia32) === 1) {
    rows.push('create ia32', 'close_write ia32', 'rename ia32 > ia32-moved', 'unlink ia32-moved');
  }
  // Its descriptor stays open until the end.
  const ring = Number(allowed.ring);
  const left = ring === 2 ? 'ring-moved' : 'ring';
  if (ring > 0) rows.push('create ring');
  if (ring === 2) rows.push('rename ring > ring-moved');
  if (ring > 0) rows.push(`unlink ${left}`);
  rows.push('create handle');
  if (Number(allowed.handle) === 1) rows.push('open_write handle', 'close_write handle');
  rows.push('close_write handle', 'unlink handle');
  if (ring > 0) rows.push(`close_write ${left}`);
  return rows.join(', ');
}

describe('kernels: tiers of hooks in QEMU', function () {
  this.timeout(600_000);
  let image = '';
  before(() => {
    image = prepareImage();
  });

  for (const { suite, version } of KERNELS) {
    describe(`${version} of ${suite}`, () => {
      let said: Said;

      before(() => {
        const kernel = fetchKernel(suite, version, join(ROOT, 'build/kernels', version));
        const parts = [...Object.keys(TIERS).map((tiers) => PART(tiers as Tiers)), PREEMPTING];
        const script = parts.map((part) => `(${part}) || exit $?`).join('\n');
        said = runMachine({ kernel, image, script, seconds: 400 });
      });

      for (const [tiers, covered] of Object.entries(tiersOf(version))) {
        const answer = (name: string) => said.answer(`${tiers}.${name}`);

        it(`${tiers}: has the tier`, () => {
          assert.equal(answer('tiers').tiers, covered);
        });

        it(`${tiers}: sockets`, () => {
          assert.deepEqual(
            { ...answer('connects'), n: Number(answer('connects').n) },
            { n: TIMES, status: 'succeeded', local: '127.0.0.1', remote: '127.0.0.1' },
          );
          assert.equal(Number(answer('accepts').n), TIMES);
          assert.equal(Number(answer('joined').n), TIMES);
        });

        it(`${tiers}: files`, () => {
          assert.equal(answer('files').operations, LIFE);
          assert.deepEqual(answer('renamed'), {
            path: '/tmp/life/first',
            dest_path: '/tmp/life/second',
          });
          assert.equal(
            answer('exchanged').pairs,
            '/tmp/life/left>/tmp/life/right /tmp/life/right>/tmp/life/left',
          );
        });

        if (covered !== 'tracepoint') {
          it(`${tiers}: names are the kernel's, by whatever way it was asked`, () => {
            assert.equal(answer('sources').sources, 'kernel');
            const rows = String(answer('others').rows).replaceAll('/tmp/life/', '');
            assert.equal(rows, otherRows(answer('allowed')));
          });
        }

        it(`${tiers}: ransomware is told, and killed at the threshold`, () => {
          assert.equal(answer('verdicts').rows, Array(3).fill('ransomware 20 done').join(', '));
          for (const kind of ['in_place', 'copy', 'rename_first']) {
            assert.equal(answer(kind).locked, 20, kind);
          }
        });

        it(`${tiers}: nothing is lost, the sum holds, and it ends well`, () => {
          said.endedWell(tiers);
        });
      }

      it('preempted: rows are of one thread alone, and all are there', () => {
        const told = said.answer('preempt.told') as unknown as Preempted;
        assert.equal(told.real_time, told.threads / 2);
        const best = version === '5.10' ? TIERS.best : PREEMPTED.best;
        assert.equal(said.answer('preempt.tiers').tiers, best);
        const rows = ['mixed', 'connected', 'lived'].flatMap((name) =>
          said.rows(`preempt.${name}`),
        );
        const skipped = JSON.stringify(said.rows('preempt.skipped'));
        assert.deepEqual(rows.map(numbers), unmixed(told), skipped);
        said.endedWell('preempt');
      });
    });
  }
});

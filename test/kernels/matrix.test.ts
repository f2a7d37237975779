/**
 * The whole daemon on Debian's kernels, from the oldest that has what eBPF needs to the newest, in every
 * tier of hooks and without eBPF: the same known workloads, exact counts, the live suites of behaviours,
 * and the sum of weir_loss. One boot of each kernel does what plan.ts says.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Preempted, unmixed } from '../helpers/mixed.ts';
import { comparable, said as saidBy } from '../helpers/said.ts';
import { fetchKernel, modulesOf } from './fetch.mjs';
import { numbers, runMachine, type Said } from './guest.ts';
import { bootScript, SAYING, TIERS, TIMES, type Tiers, workloadsOf } from './parts.ts';
import { planOf } from './plan.ts';
import { KERNELS, prepareImage, ROOT } from './prepare.ts';

/** The best where a kernel preempts, as 7 always does and 5.10 never: without trampolines. */
const PREEMPTED = { ...TIERS, best: 'kprobe' };

const tiersOf = (version: string): Readonly<Record<Tiers, string>> =>
  version === '7' ? PREEMPTED : TIERS;

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

/** Hooks that some kernels have not, and what is said then. */
const ABSENT = /this kernel has no (such tracepoint|function)|No such file or directory/;

/** Events that have a way in each tier (addon/sensor/families.cc). */
const OF_TIERS = new Set([
  ...['open', 'close', 'unlink, rmdir', 'mkdir', 'mknod', 'symlink', 'rename', 'link', 'chmod'],
  ...['chown', 'truncate', 'connect', 'accept', 'bind', 'listen', 'send'],
]);

/** What is beside kprobes before 6.14: returns that a kretprobe misses are taken from these calls. */
const LEFT = /^tp\/syscalls\/sys_exit_(connect|accept|accept4)$/;
const LEFT_CALLS = 'sys_exit_accept sys_exit_accept4 sys_exit_connect';

/** Tests that the suites have at least, with what is left out without eBPF. */
const LIVE_TESTS = 20;

function passed(said: Said, part: string): void {
  const { code, passing } = said.answer(`${part}.live`);
  assert.equal(code, 0, said.part(part));
  assert.ok(Number(passing) >= LIVE_TESTS, `${passing} tests`);
}

/** How long parts took, and what failed where live suites were run once more. */
const TOLD = /^took .*$|^ +\d+ failing\n(?:(?!took ).*\n)*?.*: the live suites failed, try \d$/gm;

const FACTS = join(ROOT, 'test/live/compare-facts.ts');

describe('kernels: the daemon in QEMU', function () {
  this.timeout(2_000_000);
  let image = '';
  before(() => {
    image = prepareImage();
  });

  const plan = planOf();
  for (const { suite, version } of KERNELS) {
    const parts = plan.get(version)?.parts ?? [];
    if (parts.length === 0) continue;
    describe(`${version} of ${suite}: ${parts.join(', ')}`, () => {
      const tiers = tiersOf(version);
      let said: Said;

      before(() => {
        const folder = join(ROOT, 'build/kernels', version);
        const kernel = fetchKernel(suite, version, folder);
        const files = [...modulesOf(folder), FACTS];
        said = runMachine({
          ...{ kernel, image, files, seconds: 600 + 200 * parts.length },
          script: bootScript(version, tiers, parts),
        });
        for (const line of said.output.match(TOLD) ?? []) console.log(`      ${line}`);
      });

      for (const [name, covered] of Object.entries(tiers)) {
        if (!parts.includes(name as Tiers)) continue;
        const answer = (query: string) => said.answer(`${name}.${query}`);

        it(`${name}: every program is loaded and attached, and the best that there is`, () => {
          assert.equal(answer('tiers').tiers, covered);
          for (const { event, hook, tier, reason } of said.rows(`${name}.hooks`)) {
            assert.ok(reason === '' || ABSENT.test(String(reason)), `${hook}: ${reason}`);
            if (OF_TIERS.has(String(event)) && !LEFT.test(String(hook))) {
              assert.equal(tier, covered, `${event}: ${hook}`);
            }
          }
        });

        const left = name === 'kprobe' && version !== '7' ? LEFT_CALLS : '';
        it(`${name}: tracepoints of system calls with programs: ${name === 'tracepoint' ? 'all' : left || 'none'}`, () => {
          const calls = String(answer('traced').calls);
          if (name === 'tracepoint') assert.match(calls, /sys_enter_close .*sys_exit_openat/);
          else assert.equal(calls, left);
        });

        it(`${name}: programs`, () => {
          assert.equal(Number(answer('execs').n), TIMES);
          const exec = answer('exec');
          assert.deepEqual(
            { ...exec, uid: Number(exec.uid) },
            {
              path: '/usr/bin/busybox',
              cwd: '/weir',
              syscall: 'execve',
              uid: 0,
              parent_path: '/usr/bin/busybox',
            },
          );
          assert.equal(Number(answer('exits').n), TIMES);
        });

        it(`${name}: sockets`, () => {
          assert.deepEqual(
            { ...answer('connects'), n: Number(answer('connects').n) },
            { n: TIMES, status: 'succeeded', local: '127.0.0.1', remote: '127.0.0.1' },
          );
          assert.equal(Number(answer('accepts').n), TIMES);
          assert.equal(Number(answer('joined').n), TIMES);
        });

        it(`${name}: files`, () => {
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
          it(`${name}: names are the kernel's, by whatever way it was asked`, () => {
            assert.equal(answer('sources').sources, 'kernel');
            const rows = String(answer('others').rows).replaceAll('/tmp/life/', '');
            assert.equal(rows, otherRows(answer('allowed')));
          });
        }

        it(`${name}: ransomware is told, and killed at the threshold`, () => {
          assert.equal(answer('verdicts').rows, Array(3).fill('ransomware 20 done').join(', '));
          for (const kind of ['in_place', 'copy', 'rename_first']) {
            assert.equal(answer(kind).locked, 20, kind);
          }
        });

        it(`${name}: the live suites of behaviours pass`, () => passed(said, name));

        it(`${name}: nothing is lost, the sum holds, and it ends well`, () => {
          said.endedWell(name);
        });
      }

      for (const workload of parts.includes('best') ? workloadsOf(version) : []) {
        const tables = SAYING[workload] ?? [];
        it(`${workload}.c: ${tables.join(', ')}`, () => {
          const prefix = `said ${workload} `;
          const lines = said.output.split('\n').filter((line) => line.startsWith(prefix));
          const expected = saidBy(lines.map((line) => line.slice(prefix.length)).join('\n'));
          for (const table of tables) {
            const wanted =
              expected.get(table) ?? assert.fail(`${workload} says nothing of ${table}`);
            const rows = said.rows(`best.rows_${table}`);
            assert.deepEqual(comparable(rows, wanted), wanted, table);
          }
        });
      }

      if (parts.includes('best')) {
        it('the rules of kernel modules that are loaded find them', () => {
          assert.equal(
            said.answer('best.rules').names,
            'kernel_module_from_memory kernel_module_from_odd_place',
          );
        });

        it('dns_pair.c: questions and answers over UDP and TCP', () => {
          assert.equal(
            said.answer('best.dns').rows,
            [
              'answer tcp.weir.test A 6 NOERROR 127.0.0.7 1',
              'question tcp.weir.test A 6 - 1',
              `answer udp.weir.test A 17 NOERROR 127.0.0.7 ${TIMES}`,
              `question udp.weir.test A 17 - ${TIMES}`,
            ].join(' '),
          );
        });
      }

      it('facts of processes are the same from the kernel and from /proc', () => {
        const { had, ours, equal } = said.answer('facts');
        assert.deepEqual({ had, ours }, { had: true, ours: [] });
        assert.ok(Number(equal) > 60, `${equal} files`);
      });

      if (parts.includes('netlink')) {
        it('netlink: it is the provider', () => {
          assert.equal(said.answer('netlink.provider').provider, 'netlink');
        });

        it('netlink: the live suites of behaviours pass', () => passed(said, 'netlink'));

        it('netlink: nothing is lost, the sum holds, and it ends well', () => {
          said.endedWell('netlink');
        });
      }

      if (parts.includes('preempt')) {
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
      }
    });
  }
});

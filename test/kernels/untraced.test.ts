/**
 * What a system call that nobody traces pays for weir at its defaults: instructions, which the emulator counts, so
 * that a busy host does not matter.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fetchKernel } from './fetch.mjs';
import { runMachine, session } from './guest.ts';
import { planOf } from './plan.ts';
import { KERNELS, prepareImage, ROOT } from './prepare.ts';

/** A nanosecond is one instruction, and whoever waits does not. */
const COUNTING = ['-smp', '1', '-icount', 'shift=0,sleep=off'];

/** Instructions that are no more than the clock's grain. */
const NOTHING = 1;

const measure = (name: string) => `echo "${name} [$(build/workloads/untraced)]"`;
const watched = (tiers: string) =>
  session({
    prefix: tiers,
    config: { sensor: { tiers } },
    work: measure(`${tiers}.call`),
    queries: {},
  });

const script = `
${measure('before')}
(${watched('best')}) || exit $?
(${watched('tracepoint')}) || exit $?
`;

describe('kernels: a system call that nobody traces', function () {
  this.timeout(2_000_000);
  const plan = planOf();
  for (const { suite, version } of KERNELS.filter((one) => plan.get(one.version)?.untraced)) {
    it(`${version} of ${suite}: pays nothing where trampolines or kprobes may be used`, () => {
      const kernel = fetchKernel(suite, version, join(ROOT, 'build/kernels', version));
      const said = runMachine({
        kernel,
        image: prepareImage(),
        script,
        seconds: 900,
        more: COUNTING,
      });
      const call = (name: string) => Number(said.answer(name).ns);
      const before = call('before');
      const [best, tracepoint] = [call('best.call'), call('tracepoint.call')];
      console.log(
        `      getppid: ${before} instructions, with weir ${best}, by tracepoints ${tracepoint}`,
      );
      assert.ok(Math.abs(best - before) <= NOTHING, said.output);
      assert.ok(tracepoint > before + NOTHING, said.output);
    });
  }
});

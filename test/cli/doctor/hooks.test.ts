import assert from 'node:assert/strict';
import { byEvent, examineHooks } from '../../../src/cli/doctor/hooks.ts';
import type { HookState } from '../../../src/native/sensor.ts';

function hook(fields: Partial<HookState>): HookState {
  return {
    event: 'open',
    program: 'file_open',
    hook: 'tp/open',
    tier: 'tracepoint',
    whyNotBetter: '',
    variant: 'direct',
    wanted: true,
    attached: true,
    reason: '',
    classes: 8,
    runTimeNs: 0,
    runCount: 0,
    ...fields,
  };
}

describe('doctor: hooks', () => {
  const WHY = 'trampoline: cannot be loaded:\n  Operation not permitted';

  it('shows each event with its tier, its hooks, and why there is no better one', () => {
    const [open, ...rest] = byEvent([
      hook({ whyNotBetter: WHY }),
      hook({ hook: 'tp/openat', whyNotBetter: WHY }),
      hook({ event: 'off', wanted: false, attached: false }),
    ]);
    assert.deepEqual(rest, []);
    assert.deepEqual(open, {
      event: 'open',
      tier: 'tracepoint',
      hooks: ['tp/open', 'tp/openat'],
      whyNotBetter: 'trampoline: cannot be loaded: Operation not permitted',
      missing: [],
    });
  });

  it('tells a reason once, and warns of an event that nothing sees', () => {
    const found = examineHooks(
      byEvent([
        hook({ whyNotBetter: WHY }),
        hook({ event: 'unlink', whyNotBetter: WHY }),
        hook({ event: 'module', attached: false, reason: 'no such tracepoint' }),
      ]),
    );
    assert.deepEqual(
      found.map(({ level, text }) => [level, text]),
      [
        ['warning', 'module is not seen: tp/open: no such tracepoint'],
        [
          'info',
          'no better hook for open, unlink: trampoline: cannot be loaded: Operation not permitted',
        ],
      ],
    );
  });
});

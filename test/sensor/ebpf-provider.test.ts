import assert from 'node:assert/strict';
import { WeirError } from '../../src/config/errors.ts';
import type { HookState, NativeSensor } from '../../src/native/sensor.ts';
import { EbpfProvider } from '../../src/sensor/ebpf-provider.ts';
import { COLLECT_ALL } from './filters.ts';

const options = { bpfDirectory: '/nonexistent', filters: COLLECT_ALL };

function hook(name: string, classes: number, reason = ''): HookState {
  const program = name.replace(/\W/g, '_');
  const attached = reason === '';
  const rest = {
    event: program,
    whyNotBetter: '',
    variant: 'direct',
    wanted: true,
    runTimeNs: 0,
    runCount: 0,
  };
  return { program, hook: name, tier: 'tracepoint', attached, reason, classes, ...rest };
}

function fake(parts: Partial<NativeSensor>): NativeSensor {
  return {
    start: () => {},
    next: () => null,
    configure: () => {},
    hooks: () => [],
    drain: () => {},
    stop: () => {},
    ...parts,
  };
}

describe('EbpfProvider', () => {
  it('says for each class whether it is covered and what is missing', () => {
    const hooks = () => [
      hook('tp_btf/sched_process_exec', 0b1),
      hook('tp/syscalls/sys_exit_connect', 0b100),
      hook('tp/syscalls/sys_exit_accept', 0b100, 'no such tracepoint'),
      hook('tp/syscalls/sys_exit_openat', 0b1000, 'not permitted'),
    ];
    const provider = new EbpfProvider(options, () => fake({ hooks }));
    const covered = () =>
      provider
        .coverage()
        .filter((c) => c.covered)
        .map((c) => c.className);
    assert.deepEqual(covered(), []);
    provider.start(() => {});
    assert.deepEqual(covered(), ['process', 'socket', 'seen', 'behavior']);
    const socket = provider.coverage().find((c) => c.className === 'socket');
    assert.equal(socket?.tier, 'tracepoint');
    assert.deepEqual(socket?.missing, ['tp/syscalls/sys_exit_accept: no such tracepoint']);
    provider.configure({ ...COLLECT_ALL, classes: 0b100 });
    assert.deepEqual(covered(), ['socket']);
    provider.stop();
    assert.deepEqual(covered(), []);
  });

  it('turns errors of the sensor into errors of weir', () => {
    const failing = (code: string) => () =>
      new EbpfProvider(options, () =>
        fake({
          start: () => {
            throw Object.assign(new Error('why'), { code });
          },
        }),
      ).start(() => {});
    assert.throws(
      failing('SENSOR_NO_PERMISSION'),
      (e) => e instanceof WeirError && e.exitCode === 77 && e.code === 'SENSOR_NO_PERMISSION',
    );
    assert.throws(failing('SENSOR_NO_BTF'), (e) => e instanceof WeirError && e.exitCode === 1);
    assert.throws(failing('EIO'), (e) => !(e instanceof WeirError));
  });

  it('says where to look when the programs have not been built', () => {
    assert.throws(
      () => new EbpfProvider(options).start(() => {}),
      (e) => e instanceof WeirError && e.code === 'SENSOR_NOT_BUILT' && /build/.test(e.message),
    );
  });

  it('refuses filters of the wrong kind, naming them', () => {
    const wrong = (filters: object) => () =>
      new EbpfProvider({ ...options, filters: { ...COLLECT_ALL, ...filters } });
    assert.throws(wrong({ excludePorts: [70_000] }), /excludePorts/);
    assert.throws(wrong({ onlyCgroups: [1] }), /onlyCgroups/);
    assert.throws(wrong({ excludePrefixes: ['x'.repeat(249)] }), /excludePrefixes/);
    assert.throws(wrong({ unixSockets: 1 }), /unixSockets/);
  });
});

import assert from 'node:assert/strict';
import pino from 'pino';
import { WeirError } from '../../src/config/errors.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { BootGuard } from '../../src/daemon/boot-guard.ts';
import { type ProviderName, Providers } from '../../src/daemon/providers.ts';
import type { EventProvider } from '../../src/sensor/provider.ts';
import { FakeProvider } from '../helpers/fake-provider.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { COLLECT_ALL } from '../sensor/filters.ts';

const KERNEL = '6.1.0-13-amd64';

class Named extends FakeProvider {
  override readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}

describe('daemon: which provider', () => {
  let state: string;
  beforeEach(() => {
    state = makeScratch();
  });
  afterEach(() => removeScratch(state));

  const providers = (provider: Config['provider'], kernel = KERNEL) =>
    new Providers({
      config: { ...configSchema.parse({}), provider, state_dir: state },
      storePath: '/nonexistent',
      filters: COLLECT_ALL,
      log: pino({ level: 'silent' }),
      kernel,
      make: (name: ProviderName) => new Named(name),
    });
  const refuse =
    (code: string, ...names: readonly string[]) =>
    (provider: EventProvider) => {
      if (names.includes(provider.name)) throw new WeirError(code, `no ${provider.name}`);
    };
  const hostDied = () => new BootGuard(state, { bootId: 'another boot', kernel: KERNEL }).arm();

  it('is eBPF when it can be had', () => {
    const { provider, reason } = providers('auto').start(() => {});
    assert.deepEqual([provider.name, reason], ['ebpf', '']);
  });

  it('is netlink when eBPF cannot be had, and says why', () => {
    for (const code of ['SENSOR_NO_BTF', 'SENSOR_UNSUPPORTED', 'SENSOR_LOAD_FAILED']) {
      const { provider, reason } = providers('auto').start(refuse(code, 'ebpf'));
      assert.deepEqual([provider.name, reason], ['netlink', 'no ebpf'], code);
    }
  });

  it('is an error when neither can be had, or the installation is broken', () => {
    const start =
      (code: string, ...names: readonly string[]) =>
      () =>
        providers('auto').start(refuse(code, ...names));
    const coded = (code: string) => (e: unknown) => e instanceof WeirError && e.code === code;
    assert.throws(
      start('SENSOR_NO_PERMISSION', 'ebpf', 'netlink'),
      (e) => coded('SENSOR_NO_PERMISSION')(e) && /no ebpf/.test((e as Error).message),
    );
    assert.throws(start('SENSOR_NOT_BUILT', 'ebpf'), coded('SENSOR_NOT_BUILT'));
  });

  it('is what was asked for, or an error', () => {
    const started = providers('netlink').start(() => {});
    assert.deepEqual([started.provider.name, started.reason], ['netlink', '']);
    assert.throws(() => providers('ebpf').start(refuse('SENSOR_NO_BTF', 'ebpf')), /no ebpf/);
  });

  it('is netlink on kernels that are known to panic', () => {
    for (const kernel of [
      '5.15.0-0.30.20.el8uek.x86_64',
      '4.18.0-147.el8.x86_64',
      '4.18.0-147.8.1.el8_1.x86_64',
    ]) {
      const { provider, reason } = providers('auto', kernel).start(() => {});
      assert.equal(provider.name, 'netlink', kernel);
      assert.match(reason, /known to panic/);
      const forced = providers('ebpf', kernel);
      assert.throws(() => forced.start(() => {}), /known to panic/, kernel);
      assert.throws(() => forced.switchTo('ebpf', () => {}), /known to panic/, kernel);
    }
    for (const kernel of ['5.15.0-1.el8uek.x86_64', '4.18.0-193.el8.x86_64', '4.18.0-1470.el8']) {
      assert.equal(providers('auto', kernel).start(() => {}).provider.name, 'ebpf', kernel);
    }
  });

  it('is netlink after the host died of eBPF, even where eBPF is asked for', () => {
    hostDied();
    for (const wanted of ['auto', 'ebpf'] as const) {
      const { provider, reason } = providers(wanted).start(() => {});
      assert.equal(provider.name, 'netlink');
      assert.match(reason, /went down within a minute/);
    }
    BootGuard.clear(state);
    assert.equal(providers('auto').start(() => {}).provider.name, 'ebpf');
  });

  it('guards from attaching to detaching, and not without eBPF', () => {
    const boot = { bootId: 'another boot', kernel: KERNEL };
    const tripped = () => new BootGuard(state, boot).tripped();
    const some = providers('auto');
    some.start(() => {});
    // What the next boot would find now; it marks the guard as tripped.
    assert.notEqual(tripped(), undefined);
    some.switchTo('netlink', () => {});
    assert.equal(tripped(), undefined);
    some.switchTo('ebpf', () => {});
    some.stopped();
    assert.equal(tripped(), undefined);
    assert.throws(() => some.switchTo('ebpf', refuse('SENSOR_LOAD_FAILED', 'ebpf')), /no ebpf/);
    assert.equal(tripped(), undefined);
  });
});

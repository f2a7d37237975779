import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { parseDeviceMessage } from '../../src/feeds/device-message.ts';
import { native } from '../../src/native/addon.ts';
import type { NativeNetlinkListener, NetlinkMessage } from '../../src/native/net.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { compileWorkload } from '../helpers/workload.ts';

const change = (device: string): void => writeFileSync(`/sys/class/mem/${device}/uevent`, 'change');

describe('live: listening to netlink', () => {
  let listener: NativeNetlinkListener;
  let woken = 0;

  beforeEach(() => {
    woken = 0;
    listener = new native.NetlinkListener('kernel', []);
    assert.equal(
      listener.open(() => woken++),
      '',
    );
  });

  afterEach(() => listener.close());

  const of = (messages: readonly NetlinkMessage[], device: string): NetlinkMessage[] =>
    messages.filter(({ bytes }) => parseDeviceMessage(bytes)?.get('DEVNAME') === device);

  it('takes messages with their time, and wakes who waits', async () => {
    const begin = BigInt(Date.now() - 1000) * 1_000_000n;
    change('null');
    await eventually(
      () => woken,
      (n) => n > 0,
    );
    const { messages, lost, overruns } = listener.take(100);
    const [message] = of(messages, 'null');
    assert.ok(message && message.timeNs > begin && message.boottimeNs > 0n);
    assert.deepEqual([lost, overruns], [0, 0]);
  });

  it('counts what its queue does not hold', async () => {
    const made = 10_000;
    for (let i = 0; i < made; i++) change('zero');
    let kept = 0;
    let lost = 0;
    let overruns = 0;
    await eventually(
      () => {
        const taken = listener.take(made);
        kept += of(taken.messages, 'zero').length;
        lost += taken.lost;
        overruns += taken.overruns;
        return kept + lost;
      },
      (sum) => sum >= made || overruns > 0,
    );
    assert.ok(lost > 0 || overruns > 0, 'nothing was lost');
    if (overruns === 0) assert.ok(kept + lost >= made, `${kept} + ${lost}`);
  });

  it('what was said before the end can be taken after it', () => {
    change('full');
    listener.close();
    assert.equal(of(listener.take(1000).messages, 'full').length, 1);
    listener.close();
  });

  it('hears udev, when it is root’s', async () => {
    const scratch = makeScratch();
    const udev = new native.NetlinkListener('udev', []);
    try {
      const say = compileWorkload('udev_say', scratch);
      assert.equal(
        udev.open(() => {}),
        '',
      );
      const path = 'DEVPATH=/devices/weir-test';
      execFileSync(say, ['ACTION=add', path, 'DEVTYPE=usb_device', 'ID_VENDOR_ID=0781']);
      const heard = await eventually(
        () => udev.take(100).messages.map(({ bytes }) => parseDeviceMessage(bytes)),
        (all) => all.some((each) => each?.get('DEVPATH') === '/devices/weir-test'),
      );
      const device = heard.find((each) => each?.get('DEVPATH') === '/devices/weir-test');
      assert.equal(device?.get('ID_VENDOR_ID'), '0781');
      // The same words from somebody else, who may speak but is not root.
      const rights = ['--reuid=65534', '--clear-groups', '--inh-caps=+net_admin'];
      chmodSync(scratch, 0o755);
      const other = ['ACTION=add', 'DEVPATH=/devices/not-root', 'DEVTYPE=usb_device'];
      execFileSync('setpriv', [...rights, '--ambient-caps=+net_admin', say, ...other]);
      execFileSync(say, ['ACTION=remove', path]);
      const after = await eventually(
        () => udev.take(100).messages.map(({ bytes }) => parseDeviceMessage(bytes)),
        (all) => all.some((each) => each?.get('ACTION') === 'remove'),
      );
      const devices = after.map((each) => each?.get('DEVPATH'));
      assert.ok(devices.includes('/devices/weir-test'));
      assert.ok(!devices.includes('/devices/not-root'));
    } finally {
      udev.close();
      removeScratch(scratch);
    }
  });

  it('says what is wrong with how it is used', () => {
    assert.throws(() => new native.NetlinkListener('other' as never, []), TypeError);
    assert.throws(() => listener.open(() => {}), TypeError);
  });
});

import assert from 'node:assert/strict';
import { type EventRow, eventLine } from '../../src/cli/event-line.ts';

describe('cli: a line for an event', () => {
  const line = (row: EventRow): string => eventLine({ time: 0, ...row }).slice(9);

  it('says what was done to whom, and that it was refused', () => {
    const signal = {
      table: 'kernel_events',
      action: 'signal',
      path: '/usr/bin/kill',
      pid: 7,
      kind: 'SIGKILL',
      target_pid: 8,
      target_path: '/usr/sbin/auditd',
      error: 1,
    };
    assert.equal(line(signal), `${'kill[7]'.padEnd(20)} signal SIGKILL → auditd[8] (errno 1)`);
  });

  it('leaves out what there is not', () => {
    const load = {
      table: 'kernel_events',
      action: 'module_load',
      path: '/usr/bin/kmod',
      pid: 7,
      kind: null,
      name: 'dummy',
      object_path: '/lib/modules/dummy.ko',
      target_pid: null,
      error: 0,
      count: 3,
    };
    const about = 'module_load dummy /lib/modules/dummy.ko (3 times)';
    assert.equal(line(load), `${'kmod[7]'.padEnd(20)} ${about}`);
  });

  it('says what the host told', () => {
    const device = { table: 'hardware_events', action: 'add', type: 'usb_device', pid: null };
    const stick = { ...device, path: '/dev/bus/usb/001/005', vendor: 'SanDisk', model: 'Ultra' };
    const about = 'add usb_device /dev/bus/usb/001/005 SanDisk Ultra';
    assert.equal(line(stick), `${'kernel'.padEnd(20)} ${about}`);
    const login = {
      table: 'user_events',
      type: 1112,
      name: 'USER_LOGIN',
      pid: 7,
      path: '/usr/sbin/sshd',
    };
    const said = { ...login, message: 'op=login acct="root" res=failed' };
    assert.equal(line(said), `${'sshd[7]'.padEnd(20)} USER_LOGIN op=login acct="root" res=failed`);
  });
});

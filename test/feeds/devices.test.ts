import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDeviceMessage } from '../../src/feeds/device-message.ts';
import { deviceRow } from '../../src/feeds/device-row.ts';

const kernel = (head: string, ...properties: readonly string[]): Buffer =>
  Buffer.from(`${[head, ...properties].join('\0')}\0`);

/** As udevd sends it: a header of 40 bytes before the properties. */
function udev(...properties: readonly string[]): Buffer {
  const body = Buffer.from(`${properties.join('\0')}\0`);
  const head = Buffer.alloc(40);
  head.write('libudev\0', 0, 'latin1');
  head.writeUInt32BE(0xfeedcafe, 8);
  head.writeUInt32LE(40, 12);
  head.writeUInt32LE(40, 16);
  head.writeUInt32LE(body.length, 20);
  return Buffer.concat([head, body]);
}

const rowOf = (bytes: Buffer, files: Readonly<Record<string, string>> = {}) => {
  const properties = parseDeviceMessage(bytes);
  return properties && deviceRow(properties, (path) => files[path]);
};

const shown = (row: ReturnType<typeof rowOf>) =>
  Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== null));

describe('feeds: device events', () => {
  it('a USB stick as udev tells it', () => {
    const row = rowOf(
      udev(
        'ACTION=add',
        'DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-2',
        'SUBSYSTEM=usb',
        'DEVNAME=/dev/bus/usb/001/005',
        'DEVTYPE=usb_device',
        'DRIVER=usb',
        'USEC_INITIALIZED=12',
        'ID_VENDOR=SanDisk',
        'ID_VENDOR_FROM_DATABASE=SanDisk Corp.',
        'ID_VENDOR_ID=0781',
        'ID_MODEL_ID=5581',
        'ID_MODEL=Ultra',
        'ID_SERIAL_SHORT=4C530001',
        'ID_REVISION=0100',
      ),
    );
    assert.deepEqual(shown(row), {
      topic: 'hardware',
      source: 'udev',
      action: 'add',
      type: 'usb_device',
      message: '/devices/pci0000:00/0000:00:14.0/usb1/1-2',
      target_path: '/dev/bus/usb/001/005',
      driver: 'usb',
      vendor: 'SanDisk Corp.',
      vendor_id: '0781',
      model: 'Ultra',
      model_id: '5581',
      serial: '4C530001',
      revision: '0100',
    });
  });

  it('a USB stick as the kernel tells it: the rest is in /sys', () => {
    const message = kernel(
      'add@/devices/usb1/1-2',
      'ACTION=add',
      'DEVPATH=/devices/usb1/1-2',
      'SUBSYSTEM=usb',
      'DEVNAME=bus/usb/001/005',
      'DEVTYPE=usb_device',
      'PRODUCT=781/5581/100',
    );
    const files = {
      '/sys/devices/usb1/1-2/manufacturer': 'SanDisk',
      '/sys/devices/usb1/1-2/product': 'Ultra',
    };
    assert.deepEqual(shown(rowOf(message, files)), {
      topic: 'hardware',
      source: 'kernel',
      action: 'add',
      type: 'usb_device',
      message: '/devices/usb1/1-2',
      target_path: '/dev/bus/usb/001/005',
      vendor: 'SanDisk',
      vendor_id: '0781',
      model: 'Ultra',
      model_id: '5581',
      revision: '0100',
    });
  });

  it('interfaces are devices; their queues, and slabs, are none', () => {
    const base = ['ACTION=add', 'DEVPATH=/devices/virtual/net/veth0'];
    const head = 'add@/devices/virtual/net/veth0';
    const row = rowOf(kernel(head, ...base, 'SUBSYSTEM=net', 'INTERFACE=veth0', 'IFINDEX=9'));
    assert.deepEqual([row?.type, row?.name, row?.target_path], ['net', 'veth0', null]);
    assert.equal(rowOf(kernel(head, ...base, 'SUBSYSTEM=queues')), undefined);
  });

  it('takes whatever bytes come', () => {
    assert.equal(parseDeviceMessage(Buffer.from('libudev\0')), undefined);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, header) => {
        const message = Buffer.concat([
          header ? udev('A=b').subarray(0, 40) : Buffer.alloc(0),
          bytes,
        ]);
        rowOf(message);
      }),
    );
  });
});

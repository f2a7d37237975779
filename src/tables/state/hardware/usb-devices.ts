import { defineTable, integer, text } from '../../bridge/table.ts';
import { deviceNames } from './device-names.ts';

const FOLDER = '/sys/bus/usb/devices';

/** fixed and removable are told by the port; unknown by most. */
const REMOVABLE: Readonly<Record<string, number>> = { fixed: 0, removable: 1 };

export const usbDevices = defineTable({
  name: 'usb_devices',
  description:
    'USB devices, from /sys; names from usb.ids where that is installed, else as the device says',
  rows: 10,
  columns: {
    usb_address: integer('Number of the bus'),
    usb_port: integer('Number of the device on its bus'),
    vendor: text('Name of the vendor'),
    vendor_id: text('Number of the vendor, hexadecimal', { collate: 'nocase' }),
    version: text('Release of the device', { collate: 'version' }),
    model: text('Name of the model'),
    model_id: text('Number of the model, hexadecimal', { collate: 'nocase' }),
    serial: text('Serial number'),
    class: text('Class'),
    subclass: text('Subclass'),
    protocol: text('Protocol'),
    removable: integer('1 when it can be unplugged, 0 when not, -1 when not known'),
  },
  examples: ['SELECT vendor, model, serial FROM usb_devices WHERE removable <> 0'],
  *generate(context) {
    const { host } = context;
    for (const name of host.names(FOLDER)) {
      const value = (of: string): string => host.value(`${FOLDER}/${name}/${of}`) ?? '';
      const [bus, device] = [value('busnum'), value('devnum')];
      // Interfaces of a device are in the same folder.
      if (bus === '' || device === '') continue;
      const [vendor, model] = [value('idVendor'), value('idProduct')];
      const names = deviceNames(context, 'usb.ids');
      const number = (of: string): string => String(Number.parseInt(value(of), 16) || 0);
      yield {
        usb_address: bus,
        usb_port: device,
        vendor: names.get(vendor) ?? value('manufacturer'),
        vendor_id: vendor,
        version: value('bcdDevice'),
        model: names.get(`${vendor} ${model}`) ?? value('product'),
        model_id: model,
        serial: value('serial'),
        class: number('bDeviceClass'),
        subclass: number('bDeviceSubClass'),
        protocol: number('bDeviceProtocol'),
        removable: REMOVABLE[value('removable')] ?? -1,
      };
    }
  },
});

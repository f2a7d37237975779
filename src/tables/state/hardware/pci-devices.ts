import { posix } from 'node:path';
import { defineTable, text } from '../../bridge/table.ts';
import { deviceNames } from './device-names.ts';

const FOLDER = '/sys/bus/pci/devices';

export const pciDevices = defineTable({
  name: 'pci_devices',
  description: 'PCI devices, from /sys; names from pci.ids where that is installed',
  rows: 30,
  columns: {
    pci_slot: text('Domain, bus, device and function'),
    pci_class: text('Name of the class'),
    driver: text('Driver in charge'),
    vendor: text('Name of the vendor'),
    vendor_id: text('Number of the vendor, hexadecimal', { collate: 'nocase' }),
    model: text('Name of the model'),
    model_id: text('Number of the model, hexadecimal', { collate: 'nocase' }),
    pci_class_id: text('Number of the class, hexadecimal', { collate: 'nocase' }),
    pci_subclass_id: text('Number of the subclass, hexadecimal', { collate: 'nocase' }),
    pci_subclass: text('Name of the subclass'),
    subsystem_vendor_id: text('Number of the vendor of the board, hexadecimal', {
      collate: 'nocase',
    }),
    subsystem_vendor: text('Name of the vendor of the board'),
    subsystem_model_id: text('Number of the model of the board, hexadecimal', {
      collate: 'nocase',
    }),
    subsystem_model: text('Name of the model of the board'),
  },
  examples: ['SELECT pci_slot, vendor, model, driver FROM pci_devices'],
  *generate(context) {
    const { host } = context;
    for (const slot of host.names(FOLDER)) {
      const number = (of: string): string =>
        host.value(`${FOLDER}/${slot}/${of}`)?.replace(/^0x/, '') ?? '';
      const names = deviceNames(context, 'pci.ids');
      const named = (...keys: readonly string[]): string => names.get(keys.join(' ')) ?? '';
      const [vendor, model] = [number('vendor'), number('device')];
      const [boardVendor, boardModel] = [number('subsystem_vendor'), number('subsystem_device')];
      const [, kind = '', subkind = ''] = /^(..)(..)/.exec(number('class')) ?? [];
      const driver = host.link(`${FOLDER}/${slot}/driver`, { quiet: true });
      yield {
        pci_slot: slot,
        pci_class: named(`C ${kind}`),
        driver: driver === undefined ? '' : posix.basename(driver),
        vendor: named(vendor),
        vendor_id: `0x${vendor}`,
        model: named(vendor, model),
        model_id: `0x${model}`,
        pci_class_id: `0x${kind}`,
        pci_subclass_id: `0x${subkind}`,
        pci_subclass: named(`C ${kind}`, subkind),
        subsystem_vendor_id: boardVendor === '' ? '' : `0x${boardVendor}`,
        subsystem_vendor: named(boardVendor),
        subsystem_model_id: boardModel === '' ? '' : `0x${boardModel}`,
        subsystem_model: named(vendor, model, `${boardVendor} ${boardModel}`),
      };
    }
  },
});

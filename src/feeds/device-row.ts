import { Host } from '../tables/host/host.ts';
import type { DeviceProperties } from './device-message.ts';
import type { HostRow } from './feed.ts';

type Read = (path: string) => string | undefined;

const ID = /^[0-9A-Fa-f]{1,8}$/;

/**
 * The row of a device event; undefined for what is no device to anybody: queues of interfaces,
 * slabs, bus entries.
 *
 * @param read one value of a file in /sys; undefined when there is none (any more)
 */
export function deviceRow(properties: DeviceProperties, read: Read): HostRow | undefined {
  const value = (name: string): string | undefined => properties.get(name) || undefined;
  const node = value('DEVNAME');
  const type = value('DEVTYPE');
  if (node === undefined && type === undefined && value('INTERFACE') === undefined)
    return undefined;
  const path = value('DEVPATH') as string;
  const facts = value('ID_VENDOR_ID') === undefined ? factsOf(properties, path, read) : {};
  return {
    topic: 'hardware',
    source: value('USEC_INITIALIZED') === undefined ? 'kernel' : 'udev',
    action: value('ACTION') ?? null,
    type: type ?? value('SUBSYSTEM') ?? null,
    message: path,
    name: value('INTERFACE') ?? null,
    target_path: node === undefined ? null : node.startsWith('/') ? node : `/dev/${node}`,
    driver: value('DRIVER') ?? value('ID_USB_DRIVER') ?? null,
    vendor: value('ID_VENDOR_FROM_DATABASE') ?? value('ID_VENDOR') ?? facts.vendor ?? null,
    vendor_id: value('ID_VENDOR_ID') ?? facts.vendorId ?? null,
    model: value('ID_MODEL_FROM_DATABASE') ?? value('ID_MODEL') ?? facts.model ?? null,
    model_id: value('ID_MODEL_ID') ?? facts.modelId ?? null,
    serial: value('ID_SERIAL_SHORT') ?? facts.serial ?? null,
    revision: value('ID_REVISION') ?? facts.revision ?? null,
  };
}

interface Facts {
  readonly vendor?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly model?: string | undefined;
  readonly modelId?: string | undefined;
  readonly serial?: string | undefined;
  readonly revision?: string | undefined;
}

/** What udev would have told: from the event itself, or /sys while the device is there. */
function factsOf(properties: DeviceProperties, path: string, read: Read): Facts {
  const at = (file: string): string | undefined => read(`/sys${path}/${file}`) || undefined;
  const usb = properties.get('PRODUCT')?.split('/');
  if (properties.get('SUBSYSTEM') === 'usb' && usb?.length === 3 && usb.every((p) => ID.test(p))) {
    const [vendorId, modelId, revision] = usb.map((part) => part.padStart(4, '0'));
    return {
      vendor: at('manufacturer'),
      vendorId,
      model: at('product'),
      modelId,
      serial: at('serial'),
      revision,
    };
  }
  const pci = properties.get('PCI_ID')?.split(':');
  if (pci?.length === 2) {
    return { vendorId: pci[0]?.toLowerCase(), modelId: pci[1]?.toLowerCase() };
  }
  if (properties.get('SUBSYSTEM') !== 'block') return {};
  return {
    vendor: at('device/vendor'),
    model: at('device/model'),
    serial: at('device/serial') ?? at('serial'),
    revision: at('device/rev') ?? at('device/firmware_rev'),
  };
}

/** Reads /sys of this host. */
export function readSys(): Read {
  const host = new Host('', () => {});
  return (path) => host.value(path);
}

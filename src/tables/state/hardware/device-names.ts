/** Names of vendors and devices by their numbers, from pci.ids and usb.ids: hwdata, pciutils, usbutils. */
import type { TableContext } from '../../bridge/context.ts';

const FOLDERS = ['/usr/share/misc', '/usr/share/hwdata', '/usr/share', '/var/lib/usbutils'];

/** Names by number; keys of what is below others are joined by blanks: "8086 100e". */
export type DeviceNames = ReadonlyMap<string, string>;

/**
 * A line is a number, two blanks and a name; a tab before it puts it below the line above. Sections
 * such as "C 02  Network controller" begin with a letter, which stays part of the key.
 */
export function parseNames(text: string): DeviceNames {
  const names = new Map<string, string>();
  const above: string[] = [];
  for (const line of text.split('\n')) {
    const [, tabs = '', key, name] =
      /^(\t*)((?:[A-Z]+ )?[0-9a-f]+(?: [0-9a-f]{4})?) {2}(.*)$/.exec(line) ?? [];
    if (key === undefined || name === undefined || tabs.length > above.length) continue;
    above.length = tabs.length;
    above.push(key);
    names.set(above.join(' '), name.trim());
  }
  return names;
}

/** Of pci.ids or usb.ids, wherever this distribution has it; none when it is not installed. */
export function deviceNames(
  context: Pick<TableContext, 'host' | 'once'>,
  file: 'pci.ids' | 'usb.ids',
): DeviceNames {
  return context.once(file, () => {
    const path = FOLDERS.map((folder) => `${folder}/${file}`).find((at) => context.host.exists(at));
    return parseNames(path === undefined ? '' : (context.host.text(path) ?? ''));
  });
}

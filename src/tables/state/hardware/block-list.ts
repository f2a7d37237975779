import { posix } from 'node:path';
import type { Host } from '../../host/host.ts';
import { keyValues } from '../../host/parse.ts';

const FOLDER = '/sys/class/block';

export interface BlockDevice {
  /** As in /sys: dm-0. */
  readonly id: string;
  /** As in /dev. */
  readonly name: string;
  /** What it is part of or made from: the first where there are several; '' for none. */
  readonly parent: string;
  readonly folder: string;
  /** The folder of what it is part of, which knows the hardware. */
  readonly hardware: string;
}

/** /sys writes ! for the / that a few names have. */
const inDev = (id: string): string => `/dev/${id.replaceAll('!', '/')}`;

export function blockDevice(host: Host, id: string): BlockDevice {
  const folder = `${FOLDER}/${id}`;
  const [slave] = host.names(`${folder}/slaves`, { quiet: true });
  const whole = host.exists(`${folder}/partition`)
    ? posix.basename(posix.dirname(host.link(folder, { quiet: true }) ?? '/'))
    : '';
  const above = whole || (slave ?? '');
  return {
    id,
    name: inDev(id),
    parent: above === '' ? '' : inDev(above),
    folder,
    hardware: whole === '' ? folder : `${FOLDER}/${whole}`,
  };
}

export function blockDevices(host: Host): BlockDevice[] {
  return host.names(FOLDER).map((id) => blockDevice(host, id));
}

/** What udev has found out about a device: ID_FS_TYPE, ID_SERIAL, ... */
export function udevProperties(host: Host, device: BlockDevice): Map<string, string> {
  const number = host.value(`${device.folder}/dev`) ?? '';
  const lines = host.lines(`/run/udev/data/b${number}`, { quiet: true });
  return keyValues(lines.flatMap((line) => (line.startsWith('E:') ? [line.slice(2)] : [])));
}

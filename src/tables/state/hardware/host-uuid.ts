import type { TableContext } from '../../bridge/context.ts';
import { type SmbiosStructure, smbios } from './smbios.ts';

const SYSTEM = 1;

/** The first three parts of a UUID are stored with their least byte first: DSP0134, 7.2.1. */
function uuidOf(system: SmbiosStructure | undefined): string | undefined {
  const bytes = system?.bytes.subarray(0x08, 0x18);
  if (system === undefined || bytes === undefined || system.headerSize < 0x18) return undefined;
  if (bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff)) return undefined;
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return dashed(Buffer.from(order.map((at) => bytes[at] as number)).toString('hex'));
}

const dashed = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The machine's UUID: that of the firmware, else the one that systemd gave the installation. */
export function hostUuid(context: Pick<TableContext, 'host' | 'once'>): string {
  const [system] = smbios(context, SYSTEM);
  return uuidOf(system) ?? dashed(context.host.value('/etc/machine-id') ?? '');
}

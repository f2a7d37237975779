import { native } from '../native/addon.ts';
import type { NativeSensor, SensorOptions } from '../native/sensor.ts';
import { NativeProvider } from './native-provider.ts';

/**
 * Events without eBPF: process connector, fanotify and sock_diag. Coarser than eBPF in what
 * docs/blind-spots.md lists; its process and exec ids are its own.
 */
export class NetlinkProvider extends NativeProvider {
  /** @param make replaces the native sensor in tests */
  constructor(
    options: Omit<SensorOptions, 'bpfDirectory'>,
    make: (options: SensorOptions) => NativeSensor = (o) => new native.Sensor(o),
  ) {
    const tiers = ['connector', 'fanotify', 'sock_diag'];
    super('netlink', tiers, make({ ...options, bpfDirectory: null }), options.filters.classes);
  }
}

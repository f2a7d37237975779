import { type NativeSensor, native, type SensorOptions } from './native.ts';
import { NativeProvider } from './native-provider.ts';

/** Kernel events through eBPF. */
export class EbpfProvider extends NativeProvider {
  /** @param make replaces the native sensor in tests */
  constructor(
    options: SensorOptions,
    make: (options: SensorOptions) => NativeSensor = (o) => new native.Sensor(o),
  ) {
    const tiers = ['trampoline', 'kprobe', 'tracepoint'];
    super('ebpf', tiers, make(options), options.filters.classes);
  }
}

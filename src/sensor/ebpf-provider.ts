import { native } from '../native/addon.ts';
import type { NativeSensor, SensorOptions } from '../native/sensor.ts';
import { NativeProvider } from './native-provider.ts';

/** Kernel events through eBPF. While it runs, tables may ask the kernel by eBPF, too. */
export class EbpfProvider extends NativeProvider {
  readonly #directory: string | null;

  /** @param make replaces the native sensor in tests */
  constructor(
    options: SensorOptions,
    make: (options: SensorOptions) => NativeSensor = (o) => new native.Sensor(o),
  ) {
    const tiers = ['trampoline', 'kprobe', 'tracepoint'];
    // Verdicts are counted by the programs of other classes.
    const madeOf = { behavior: 'process' } as const;
    super('ebpf', tiers, make(options), options.filters.classes, madeOf);
    this.#directory = options.bpfDirectory;
  }

  override start(wake: () => void): void {
    super.start(wake);
    native.tables.useTaskFacts(this.#directory ?? '');
  }

  override stop(): void {
    native.tables.useTaskFacts('');
    super.stop();
  }
}

import { release } from 'node:os';
import { WeirError } from '../config/errors.ts';
import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import { native } from '../native/addon.ts';
import type { KernelFilters } from '../native/sensor.ts';
import { EbpfProvider } from '../sensor/ebpf-provider.ts';
import { blockedKernel } from '../sensor/kernel-blocklist.ts';
import { NetlinkProvider } from '../sensor/netlink-provider.ts';
import { OffProvider } from '../sensor/off-provider.ts';
import type { EventProvider } from '../sensor/provider.ts';
import { BootGuard } from './boot-guard.ts';
import { knownImages } from './known-images.ts';

/** build/bpf, where the set-up puts the compiled programs. */
const BPF_DIRECTORY = new URL('../../build/bpf', import.meta.url).pathname;

export const PROVIDER_NAMES = ['ebpf', 'netlink', 'off'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export interface ProvidersOptions {
  readonly config: Pick<Config, 'provider' | 'sensor' | 'state_dir'>;
  readonly storePath: string;
  readonly filters: KernelFilters;
  readonly log: Logger;
  /** As `uname -r` says it; for tests. */
  readonly kernel?: string;
  /** For tests; default: the real ones. */
  readonly make?: (name: ProviderName) => EventProvider;
}

type Begin = (provider: EventProvider) => void;

/** Chooses the source of events: eBPF where it can be had and is not known to do harm. */
export class Providers {
  /** What those that are made from now on keep and drop. */
  filters: KernelFilters;
  readonly #options: ProvidersOptions;
  readonly #kernel: string;
  readonly #guard: BootGuard;
  #made: EventProvider | undefined;
  #guarded = '';

  constructor(options: ProvidersOptions) {
    this.#options = options;
    this.filters = options.filters;
    this.#kernel = options.kernel ?? release();
    const boot = { bootId: native.bootId(), kernel: this.#kernel };
    this.#guard = new BootGuard(options.config.state_dir, boot);
  }

  /** Why the guard kept eBPF from being attached; '' when it did not. */
  get guarded(): string {
    return this.#guarded;
  }

  /** The one that start will try first. */
  first(): EventProvider {
    const { provider } = this.#options.config;
    const settled = provider === 'netlink' || provider === 'off';
    const best = (): ProviderName => (this.#refusal() === undefined ? 'ebpf' : 'netlink');
    this.#made = this.#make(settled ? provider : best());
    return this.#made;
  }

  /**
   * @param begin starts a provider, or throws
   * @returns the one that started; `reason`: why not eBPF, '' when it is what was asked for
   * @throws WeirError SENSOR_*
   */
  start(begin: Begin): { readonly provider: EventProvider; readonly reason: string } {
    const { config, log } = this.#options;
    const first = this.#made ?? this.first();
    if (config.provider === 'netlink' || config.provider === 'off') {
      begin(first);
      return { provider: first, reason: '' };
    }
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      if (config.provider === 'ebpf' && refusal.code === 'SENSOR_BLOCKED_KERNEL') throw refusal;
      begin(first);
      return { provider: first, reason: this.#without(refusal.message) };
    }
    try {
      this.#attach(first, begin);
      return { provider: first, reason: '' };
    } catch (error) {
      // Programs that were not built are a fault of the installation, not of the kernel.
      const kernels = error instanceof WeirError && error.code !== 'SENSOR_NOT_BUILT';
      if (!kernels || config.provider === 'ebpf') throw error;
      const fallback = this.#make('netlink');
      try {
        begin(fallback);
      } catch (second) {
        log.error({ err: second }, 'events cannot be had without eBPF either');
        throw error;
      }
      return { provider: fallback, reason: this.#without(error.message) };
    }
  }

  /**
   * Another one on request: the guard is not asked, as whoever asks knows better; a kernel that is
   * known to panic stays refused.
   *
   * @throws WeirError SENSOR_*
   */
  switchTo(name: ProviderName, begin: Begin): void {
    if (name !== 'ebpf') {
      begin(this.#make(name));
      this.#guard.disarm();
      return;
    }
    const blocked = this.#blocked();
    if (blocked !== undefined) throw blocked;
    this.#attach(this.#make(name), begin);
  }

  /**
   * eBPF where it can be had, as at the start; else netlink.
   *
   * @param running what watches now, and stays when there is nothing better
   * @returns why not eBPF; '' when it is
   * @throws WeirError SENSOR_*
   */
  switchToBest(running: string, begin: Begin): string {
    if (running === 'ebpf') return '';
    let reason = this.#refusal()?.message;
    if (reason === undefined) {
      try {
        this.switchTo('ebpf', begin);
        return '';
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    if (running !== 'netlink') this.switchTo('netlink', begin);
    return this.#without(reason);
  }

  /** The last one was stopped, by somebody who lived to say so. */
  stopped(): void {
    this.#guard.disarm();
  }

  #attach(provider: EventProvider, begin: Begin): void {
    this.#guard.arm();
    try {
      begin(provider);
    } catch (error) {
      this.#guard.disarm();
      throw error;
    }
  }

  #without(reason: string): string {
    this.#options.log.warn(
      { reason },
      'events are watched without eBPF: coarser, see blind-spots.md',
    );
    return reason;
  }

  #blocked(): WeirError | undefined {
    const why = blockedKernel(this.#kernel);
    if (why === undefined) return undefined;
    return new WeirError(
      'SENSOR_BLOCKED_KERNEL',
      `${why} (${this.#kernel}): update the kernel, or set "provider": "netlink"`,
    );
  }

  #refusal(): WeirError | undefined {
    const blocked = this.#blocked();
    if (blocked !== undefined) return blocked;
    const tripped = this.#guard.tripped();
    if (tripped === undefined) return undefined;
    this.#guarded = tripped;
    return new WeirError(
      'SENSOR_BOOT_GUARD',
      `${tripped}: "weir doctor --clear-boot-guard" lets eBPF be tried again`,
    );
  }

  #make(name: ProviderName): EventProvider {
    const { filters } = this;
    const { make, log, storePath } = this.#options;
    if (make !== undefined) return make(name);
    if (name === 'off') return new OffProvider();
    let known = {};
    try {
      known = { knownImages: knownImages(storePath) };
    } catch (error) {
      log.warn({ err: error }, 'known images could not be read: running ones are seen anew');
    }
    if (name === 'netlink') return new NetlinkProvider({ filters, ...known });
    const { tiers } = this.#options.config.sensor;
    return new EbpfProvider({ bpfDirectory: BPF_DIRECTORY, filters, tiers, ...known });
  }
}

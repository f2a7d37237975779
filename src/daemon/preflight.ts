import { accessSync, constants, existsSync } from 'node:fs';
import { WeirError } from '../config/errors.ts';
import { makeFolder } from '../config/make-folder.ts';
import type { Config } from '../config/schema.ts';

const BTF = '/sys/kernel/btf/vmlinux';
const ARCHITECTURES: readonly string[] = ['x64', 'arm64'];

/** Facts of the host, replaceable in tests. */
export interface Host {
  readonly architecture: string;
  readonly uid: number;
  readonly btf: boolean;
}

export function thisHost(): Host {
  return {
    architecture: process.arch,
    uid: process.geteuid?.() ?? -1,
    btf: existsSync(BTF),
  };
}

/**
 * What can be known to fail before anything is started. Capabilities are not looked at: loading
 * programs says more, and says it clearly.
 *
 * @throws WeirError WRONG_ARCHITECTURE, NOT_PERMITTED (77), NO_BTF
 */
export function preflight(config: Pick<Config, 'provider'>, host: Host): void {
  if (!ARCHITECTURES.includes(host.architecture)) {
    throw new WeirError(
      'WRONG_ARCHITECTURE',
      `weir runs on x86-64 and ARM64, not on ${host.architecture}; use one of those`,
    );
  }
  if (config.provider === 'off') return;
  if (host.uid !== 0) {
    throw new WeirError(
      'NOT_PERMITTED',
      'watching the kernel needs root; start weir with sudo, or set "provider": "off" to only ask the store',
      { exitCode: 77 },
    );
  }
  // What else eBPF needs, loading finds out; `auto` then goes without.
  if (config.provider === 'ebpf' && !host.btf) {
    throw new WeirError(
      'NO_BTF',
      `this kernel has no type information (${BTF}); boot one from 5.8 on that has CONFIG_DEBUG_INFO_BTF, or set "provider": "netlink"`,
    );
  }
}

/**
 * Makes the state directory, for root alone.
 *
 * @throws WeirError STATE_NOT_WRITABLE
 */
export function prepareStateDir(dir: string): void {
  try {
    makeFolder(dir, 0o750);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new WeirError(
      'STATE_NOT_WRITABLE',
      `cannot write the state directory ${dir}: ${(error as Error).message}; make it writable or give --state-dir another one`,
      { cause: error },
    );
  }
}

import { bigint, defineTable } from '../../bridge/table.ts';
import type { Host } from '../../host/host.ts';

/** arch/x86/include/asm/msr-index.h */
const REGISTERS = {
  turbo_ratio_limit: 0x1ad,
  platform_info: 0xce,
  perf_ctl: 0x199,
  perf_status: 0x198,
  feature_control: 0x3a,
  rapl_power_limit: 0x610,
  rapl_energy_status: 0x611,
  rapl_power_units: 0x606,
} as const;
const MISC_ENABLE = 0x1a0;
const TURBO_DISABLED = 38n;

/** The kernel's module msr shows a register at its number; a processor without it gives an error. */
function register(host: Host, cpu: string, number: number): bigint | undefined {
  const bytes = host.readAt(`/dev/cpu/${cpu}/msr`, number, 8);
  return bytes?.length === 8 ? bytes.readBigInt64LE() : undefined;
}

export const msr = defineTable({
  name: 'msr',
  description:
    'Registers of Intel processors, raw, through /dev/cpu/N/msr (kernel module msr); NULL where a processor lacks one',
  rows: 8,
  columns: {
    processor_number: bigint('Number of the processor'),
    turbo_disabled: bigint('1 when turbo is off'),
    turbo_ratio_limit: bigint('IA32_TURBO_RATIO_LIMIT'),
    platform_info: bigint('MSR_PLATFORM_INFO'),
    perf_ctl: bigint('IA32_PERF_CTL'),
    perf_status: bigint('IA32_PERF_STATUS'),
    feature_control: bigint('IA32_FEAT_CTL; bit 0: locked'),
    rapl_power_limit: bigint('MSR_PKG_POWER_LIMIT'),
    rapl_energy_status: bigint('MSR_PKG_ENERGY_STATUS'),
    rapl_power_units: bigint('MSR_RAPL_POWER_UNIT'),
  },
  examples: ['SELECT processor_number FROM msr WHERE feature_control & 1 = 0'],
  *generate({ host }) {
    for (const cpu of host.names('/dev/cpu')) {
      if (!/^\d+$/.test(cpu) || !host.exists(`/dev/cpu/${cpu}/msr`)) continue;
      const misc = register(host, cpu, MISC_ENABLE);
      const values = Object.entries(REGISTERS).map(([name, at]) => [name, register(host, cpu, at)]);
      yield {
        processor_number: cpu,
        turbo_disabled: misc === undefined ? undefined : (misc >> TURBO_DISABLED) & 1n,
        ...Object.fromEntries(values),
      };
    }
  },
});

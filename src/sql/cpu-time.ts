import type { CpuTime } from './types.ts';

/** Processor time of this thread since `before`, which threadCpuUsage gave. */
export function cpuSince(before: NodeJS.CpuUsage): CpuTime {
  const { user, system } = process.threadCpuUsage(before);
  return { userMs: user / 1000, systemMs: system / 1000 };
}

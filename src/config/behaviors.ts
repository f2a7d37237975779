/**
 * What the kernel programs judge, in the order of enum weir_behavior (bpf/weir.h), with thresholds
 * that the work of package managers, compilers, tar, rsync, git, npm and databases stays below.
 */
export const BEHAVIORS = {
  ransomware: 50, // files converted
  mass_rename: 200, // files that got another extension
  mass_delete: 5000, // files, in folders that stay
  mass_rewrite: 1000, // files
  port_sweep: 64, // distinct ports
  address_sweep: 128, // distinct addresses
  exec_burst: 3000, // programs
  setuid_burst: 20, // programs
} as const;

export type BehaviorName = keyof typeof BEHAVIORS;
export const BEHAVIOR_NAMES = Object.keys(BEHAVIORS) as [BehaviorName, ...BehaviorName[]];

/** Kernels on which loading eBPF programs has taken hosts down in the field. */
const BLOCKED: readonly (readonly [release: RegExp, why: string])[] = [
  [
    /^5\.15\.0-0\.30\.20\.el8uek\./,
    'this kernel of Oracle Linux 8.8 is known to panic when eBPF programs are attached',
  ],
  [/^4\.18\.0-147(?:\.[\d.]+)?\.el8/, 'the kernel of RHEL 8.1 is known to panic in eBPF programs'],
];

/**
 * Why eBPF is not to be used on a kernel; undefined: nothing is known against it.
 *
 * @param release as `uname -r` says it
 */
export function blockedKernel(release: string): string | undefined {
  return BLOCKED.find(([pattern]) => pattern.test(release))?.[1];
}

import type { PathPattern } from './path-pattern.ts';

/** The kernel's tries hold prefixes up to this many bytes (WEIR_PREFIX_MAX). */
export const PREFIX_MAX = 248;

/** Whether a prefix in the kernel says all that the pattern says. */
export function isKernelPrefix(pattern: PathPattern): boolean {
  return pattern.kind === 'below' && pattern.literal.length <= PREFIX_MAX;
}

/** The longest prefix of whole folders that the kernel can hold; the stream checks the rest. */
export function kernelPrefix(pattern: PathPattern): string {
  const literal = new TextDecoder().decode(pattern.literal);
  let prefix = literal;
  while (Buffer.byteLength(prefix) > PREFIX_MAX) {
    prefix = prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
  }
  return prefix === '' ? '/' : prefix;
}

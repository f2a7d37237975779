/** RES_RECURSE, RES_DEFNAMES, RES_DNSRCH: what the C library begins with (resolv.h). */
const RES_DEFAULT = 0x40 | 0x80 | 0x200;

/** Words of `options` in resolv.conf(5) that set a bit. */
const BITS: Readonly<Record<string, number>> = {
  debug: 0x2,
  'use-vc': 0x8,
  rotate: 0x4000,
  edns0: 0x100000,
  'single-request': 0x200000,
  'single-request-reopen': 0x400000,
  'no-tld-query': 0x1000000,
  'no-reload': 0x2000000,
  'trust-ad': 0x4000000,
  'no-aaaa': 0x8000000,
};

export function resolverOptions(words: readonly string[]): number {
  return words.reduce((bits, word) => bits | (BITS[word] ?? 0), RES_DEFAULT);
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { onlyProvider } from './surroundings.ts';

/** Sources of events that the behaviour tests run with. */
export const PROVIDERS = ['ebpf', 'netlink'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Titles of tests that are for eBPF only, with words of docs/blind-spots.md that say why. */
export type LeftOut = Readonly<Record<string, string>>;

type Test = (title: string, run: () => Promise<void> | void) => void;

const BLIND_SPOTS = new URL('../../docs/blind-spots.md', import.meta.url);
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ');

/**
 * A suite for each provider. Without eBPF its tests that are left out are not there; one more test
 * holds the reasons against the documentation, and the titles against the suite.
 * @param suite declares its tests with the `it` that it is given
 */
export function forEachProvider(
  title: string,
  leftOut: LeftOut,
  suite: (provider: Provider, it: Test) => void,
): void {
  for (const provider of PROVIDERS) {
    if (onlyProvider !== undefined && provider !== onlyProvider) continue;
    describe(`${title} with ${provider}`, () => {
      const met = new Set<string>();
      suite(provider, (test, run) => {
        met.add(test);
        if (provider === 'ebpf' || !Object.hasOwn(leftOut, test)) it(test, run);
      });
      if (provider === 'ebpf' || Object.keys(leftOut).length === 0) return;
      it('leaves out nothing but what docs/blind-spots.md lists', () => {
        const [, section = ''] = readFileSync(BLIND_SPOTS, 'utf8').split('## Without eBPF\n');
        const documented = plain(section.split('\n## ')[0] ?? '');
        for (const [test, words] of Object.entries(leftOut)) {
          assert.ok(met.has(test), `no such test: ${test}`);
          assert.ok(documented.includes(words), `not documented: ${words}`);
        }
      });
    });
  }
}

/**
 * What is run on which kernel: by default so much that each tier of hooks is met, and what differs most
 * between kernels, within a time that CI has; WEIR_KERNELS=all is all there is. A kernel, or parts of it, by
 * themselves: WEIR_KERNELS='6.1:kprobe,netlink 7'.
 */
import { PARTS, type PartName } from './parts.ts';
import { KERNELS } from './prepare.ts';

export type Version = (typeof KERNELS)[number]['version'];

interface Planned {
  /** Of the matrix. */
  readonly parts: readonly PartName[];
  readonly containers: boolean;
  readonly untraced: boolean;
}

const CONTAINERS = 'containers';
const UNTRACED = 'untraced';
/** Where podman and systemd-nspawn are of the kernel's own suite. */
const withContainers = (version: Version): boolean =>
  KERNELS.some((one) => one.version === version && one.suite === 'bookworm');

const DEFAULT = '5.10:best 6.1:kprobe,preempt 6.12:tracepoint,netlink,containers 7:best,preempt';

function plannedOf(one: string): readonly [Version, Planned] {
  const [name = '', list] = one.split(':');
  const known = [...PARTS, CONTAINERS, UNTRACED];
  const names = list?.split(',') ?? known;
  const version = KERNELS.find((kernel) => kernel.version === name)?.version;
  if (version === undefined || names.some((part) => !known.includes(part))) {
    const kernels = KERNELS.map((kernel) => kernel.version).join(', ');
    throw new Error(
      `WEIR_KERNELS: ${one} is no KERNEL or KERNEL:PART,PART; kernels are ${kernels}, parts ${known.join(', ')}`,
    );
  }
  const parts = PARTS.filter((part) => names.includes(part));
  const containers = names.includes(CONTAINERS) && withContainers(version);
  return [version, { parts, containers, untraced: names.includes(UNTRACED) }];
}

export function planOf(
  text: string = process.env.WEIR_KERNELS ?? DEFAULT,
): ReadonlyMap<Version, Planned> {
  const all = KERNELS.map(({ version }) => version).join(' ');
  return new Map((text === 'all' ? all : text).split(' ').map(plannedOf));
}

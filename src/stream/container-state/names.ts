import { z } from 'zod';
import type { Container } from '../container-id.ts';

/** What a runtime says of a container; what is missing is not known to it. */
export interface ContainerNames {
  readonly runtime?: string | undefined;
  readonly name?: string | undefined;
  readonly image?: string | undefined; // as it was asked for, with its tag or digest
  readonly podName?: string | undefined;
  readonly podNamespace?: string | undefined;
  readonly podUid?: string | undefined;
}

export interface StatePlaces {
  /** Where the host's files are: '' but for tests. */
  readonly root: string;
  readonly proc: string;
}

/** Where a kind of state is looked up; undefined where it knows nothing of the container. */
export type Lookup = (
  container: Container,
  pid: number,
  places: StatePlaces,
) => ContainerNames | undefined;

export const texts = z.record(z.string(), z.unknown());

/** The first of these keys that has a text. */
export function pick(
  from: Readonly<Record<string, unknown>>,
  ...keys: readonly string[]
): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(from, key) ? from[key] : undefined;
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** Only what is known, to be spread over defaults. */
export function defined(names: ContainerNames): ContainerNames {
  return Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
}

/** What kubelet calls a container, in the labels that every runtime keeps for it. */
export function kubernetesLabels(labels: Readonly<Record<string, unknown>>): ContainerNames {
  return {
    name: pick(labels, 'io.kubernetes.container.name'),
    podName: pick(labels, 'io.kubernetes.pod.name'),
    podNamespace: pick(labels, 'io.kubernetes.pod.namespace'),
    podUid: pick(labels, 'io.kubernetes.pod.uid'),
  };
}

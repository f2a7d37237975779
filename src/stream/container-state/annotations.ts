import { z } from 'zod';
import { type ContainerNames, kubernetesLabels, pick, texts } from './names.ts';
import { parsed, stateJson } from './state-file.ts';

const SPEC = z.object({ annotations: texts.nullish() });

/** Who wrote the OCI specification, by a key that only it writes. */
const MANAGERS = [
  ['io.kubernetes.cri-o.ContainerID', 'cri-o'],
  ['io.kubernetes.cri.container-type', 'containerd'],
  ['nerdctl/name', 'containerd'],
] as const;

/**
 * Names from the annotations of an OCI bundle's config.json, as CRI-O, containerd's CRI plugin and
 * nerdctl write them; undefined without a readable one.
 */
export function ofBundle(folder: string): ContainerNames | undefined {
  const spec = stateJson(`${folder}/config.json`, SPEC);
  return spec === undefined ? undefined : annotationNames(spec.annotations ?? {});
}

function annotationNames(annotations: Readonly<Record<string, unknown>>): ContainerNames {
  const labels = {
    ...parsed(pick(annotations, 'io.kubernetes.cri-o.Labels'), texts),
    ...annotations,
  };
  const kubernetes = kubernetesLabels(labels);
  const podman = pick(annotations, 'io.container.manager') === 'libpod' ? 'podman' : undefined;
  return {
    // podman writes some of CRI-O's keys too.
    runtime: podman ?? MANAGERS.find(([key]) => Object.hasOwn(annotations, key))?.[1],
    name: kubernetes.name ?? pick(annotations, 'io.kubernetes.cri.container-name', 'nerdctl/name'),
    image: pick(
      annotations,
      'io.kubernetes.cri.image-name',
      'io.kubernetes.cri-o.ImageName',
      'io.kubernetes.cri-o.Image',
      'org.opencontainers.image.ref.name',
    ),
    podName:
      kubernetes.podName ??
      pick(annotations, 'io.kubernetes.cri.sandbox-name', 'io.kubernetes.cri-o.KubeName'),
    podNamespace:
      kubernetes.podNamespace ??
      pick(annotations, 'io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.cri-o.Namespace'),
    podUid: kubernetes.podUid ?? pick(annotations, 'io.kubernetes.cri.sandbox-uid'),
  };
}

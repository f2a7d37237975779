import { z } from 'zod';
import { ofBundle } from './annotations.ts';
import type { ContainerNames, Lookup } from './names.ts';
import { namesIn, parsed, stateText } from './state-file.ts';

const LISTED = z.array(
  z.object({
    id: z.string(),
    names: z.array(z.string()).nullish(),
    image: z.string().nullish(),
    metadata: z.string().nullish(),
  }),
);
const METADATA = z.object({
  'image-name': z.string().optional(),
  name: z.string().optional(),
});

/** One for containers that outlive a boot, one for those that do not (--rm in newer versions). */
export const STORAGE_LISTS = ['containers.json', 'volatile-containers.json'];

/** containers/storage, which podman and CRI-O share: lists of all containers, a bundle of each. */
export const ofStorage: Lookup = ({ id }, _pid, { root }) => {
  // Run root: CRI-O's bundles. Graph root: podman's.
  for (const storage of ['/run/containers/storage', '/var/lib/containers/storage']) {
    for (const driver of namesIn(root + storage)) {
      if (!driver.endsWith('-containers')) continue;
      const found = ofStorageFolder(`${root}${storage}/${driver}`, id);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

/** @param folder a bundle: in containers/storage it is DRIVER-containers/ID/userdata */
export function ofBundleOrStorage(folder: string, id: string): ContainerNames | undefined {
  const at = folder.indexOf(`/${id}/userdata`);
  return at > 0 ? ofStorageFolder(folder.slice(0, at), id) : ofBundle(folder);
}

/** @param folder a driver's, such as overlay-containers */
function ofStorageFolder(folder: string, id: string): ContainerNames | undefined {
  const bundle = ofBundle(`${folder}/${id}/userdata`);
  if (bundle === undefined) return undefined;
  if (bundle.name !== undefined && bundle.image !== undefined) return bundle;
  for (const list of STORAGE_LISTS) {
    const listed = listedIn(stateText(`${folder}/${list}`), id);
    if (listed === undefined) continue;
    return {
      ...bundle,
      name: bundle.name ?? listed.name,
      image: bundle.image ?? listed.image,
    };
  }
  return bundle;
}

/** What such a list says of a container. */
export function listedIn(list: string | undefined, id: string): ContainerNames | undefined {
  const listed = parsed(list, LISTED)?.find((one) => one.id === id);
  if (listed === undefined) return undefined;
  const metadata = parsed(listed.metadata ?? undefined, METADATA);
  return {
    name: metadata?.name ?? listed.names?.[0],
    // A root folder of the user's own (--rootfs) has no image, another one at least an identifier.
    image: metadata?.['image-name'] || listed.image || undefined,
  };
}

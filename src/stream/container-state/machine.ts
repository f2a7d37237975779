import type { Lookup } from './names.ts';
import { stateText } from './state-file.ts';

/** What systemd-machined keeps of a container of systemd-nspawn: lines of KEY=VALUE. */
export const ofMachine: Lookup = ({ id, runtime }, _pid, { root }) => {
  if (runtime === 'lxc' || runtime === 'libvirt-lxc') return { name: id };
  if (runtime !== 'systemd-nspawn') return undefined;
  const lines = stateText(`${root}/run/systemd/machines/${id}`)?.split('\n') ?? [];
  const folder = lines.find((line) => line.startsWith('ROOT='))?.slice('ROOT='.length);
  // machinectl calls such a folder an image.
  return { name: id, image: folder || undefined };
};

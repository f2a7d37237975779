import { z } from 'zod';
import { defined, type Lookup } from './names.ts';
import { namesIn, stateJson } from './state-file.ts';
import { ofBundleOrStorage } from './storage.ts';

const RUNC = z.object({
  cgroup_paths: z.record(z.string(), z.string()),
  config: z.object({ labels: z.array(z.string()).nullish() }),
});
const CRUN = z.object({ 'cgroup-path': z.string(), bundle: z.string() });

interface State {
  readonly cgroups: readonly string[];
  readonly bundle: string | undefined;
}

const RUNTIMES: readonly (readonly [string, string, (folder: string) => State | undefined])[] = [
  ['runc', '/run/runc', runcState],
  ['crun', '/run/crun', crunState],
];

/**
 * Containers that runc or crun run, also for podman: a folder of state each, which tells the bundle
 * wherever that is. The folder is named as the container was; its cgroup may be named otherwise.
 */
export const ofOciRuntime: Lookup = ({ id, cgroup, runtime: by }, _pid, { root }) => {
  for (const [runtime, folder, read] of RUNTIMES) {
    // By name first: there may be hundreds.
    const names = namesIn(root + folder);
    for (const name of names.includes(id) ? [id] : names) {
      const state = read(`${root}${folder}/${name}`);
      if (state === undefined || !state.cgroups.some((path) => path.endsWith(cgroup))) continue;
      const found = state.bundle === undefined ? {} : ofBundleOrStorage(state.bundle, id);
      // For a manager the name is an identifier, too.
      return { runtime, name: by === 'unknown' ? name : undefined, ...defined(found ?? {}) };
    }
  }
  return undefined;
};

function runcState(folder: string): State | undefined {
  const state = stateJson(`${folder}/state.json`, RUNC);
  if (state === undefined) return undefined;
  const label = state.config.labels?.find((text) => text.startsWith('bundle='));
  return { cgroups: Object.values(state.cgroup_paths), bundle: label?.slice('bundle='.length) };
}

function crunState(folder: string): State | undefined {
  const state = stateJson(`${folder}/status`, CRUN);
  return state && { cgroups: [state['cgroup-path']], bundle: state.bundle };
}

import { ofBundle } from './annotations.ts';
import { defined, type Lookup } from './names.ts';
import { namesIn } from './state-file.ts';

const STATES = ['/run/containerd', '/run/k3s/containerd'];
const TASKS = ['io.containerd.runtime.v2.task', 'io.containerd.runtime.v1.linux'];

/** Bundles of containerd's tasks, by its namespaces: k8s.io, moby, default. */
export const ofContainerd: Lookup = ({ id }, _pid, { root }) => {
  for (const state of STATES) {
    for (const tasks of TASKS) {
      const folder = `${root}${state}/${tasks}`;
      for (const namespace of namesIn(folder)) {
        const found = ofBundle(`${folder}/${namespace}/${id}`);
        if (found !== undefined) return { runtime: 'containerd', ...defined(found) };
      }
    }
  }
  return undefined;
};

import { z } from 'zod';
import { type ContainerNames, kubernetesLabels, type Lookup, texts } from './names.ts';
import { stateJson } from './state-file.ts';

/** The same in config.v2.json and in what the daemon answers to GET /containers/ID/json. */
const CONTAINER = z.object({
  Name: z.string(), // "/web"
  Config: z.object({ Image: z.string(), Labels: texts.nullish() }),
});
const DAEMON = z.object({ 'data-root': z.string().optional(), graph: z.string().optional() });

export const dockerContainer = CONTAINER.transform(({ Name, Config }): ContainerNames => {
  const labels = kubernetesLabels(Config.Labels ?? {});
  const name = labels.name ?? Name.replace(/^\//, '');
  return { ...labels, runtime: 'docker', name, image: Config.Image };
});

/** Docker keeps a folder for each container, from before it starts until it is removed. */
export const ofDocker: Lookup = ({ id }, _pid, { root }) => {
  const configured = stateJson(`${root}/etc/docker/daemon.json`, DAEMON);
  const folders = [
    configured?.['data-root'] ?? configured?.graph ?? '/var/lib/docker',
    '/var/snap/docker/common/var-lib-docker',
  ];
  for (const folder of folders) {
    const found = stateJson(`${root}${folder}/containers/${id}/config.v2.json`, dockerContainer);
    if (found !== undefined) return found;
  }
  return undefined;
};

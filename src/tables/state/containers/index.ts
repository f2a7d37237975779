import type { StateTable } from '../../bridge/table.ts';
import { dockerContainerFsChanges, dockerContainerStats } from './docker-container-live.ts';
import {
  dockerContainerEnvs,
  dockerContainerLabels,
  dockerContainerMounts,
  dockerContainerNetworks,
  dockerContainerPorts,
} from './docker-container-parts.ts';
import { dockerContainers } from './docker-containers.ts';
import { dockerInfo, dockerVersion } from './docker-daemon.ts';
import {
  dockerImageHistory,
  dockerImageLabels,
  dockerImageLayers,
  dockerImages,
} from './docker-images.ts';
import {
  dockerNetworkLabels,
  dockerNetworks,
  dockerVolumeLabels,
  dockerVolumes,
} from './docker-networks.ts';

export const CONTAINER_TABLES: readonly StateTable[] = [
  dockerContainerEnvs,
  dockerContainerFsChanges,
  dockerContainerLabels,
  dockerContainerMounts,
  dockerContainerNetworks,
  dockerContainerPorts,
  dockerContainerStats,
  dockerContainers,
  dockerImageHistory,
  dockerImageLabels,
  dockerImageLayers,
  dockerImages,
  dockerInfo,
  dockerNetworkLabels,
  dockerNetworks,
  dockerVersion,
  dockerVolumeLabels,
  dockerVolumes,
];

import type { StateTable } from '../../bridge/table.ts';
import { listeningPorts } from './listening-ports.ts';
import { processEnvs } from './process-envs.ts';
import { processMemoryMap } from './process-memory-map.ts';
import { processNamespaces } from './process-namespaces.ts';
import { processOpenFiles } from './process-open-files.ts';
import { processOpenPipes } from './process-open-pipes.ts';
import { processOpenSockets } from './process-open-sockets.ts';
import { processes } from './processes.ts';

export const PROCESS_TABLES: readonly StateTable[] = [
  listeningPorts,
  processEnvs,
  processMemoryMap,
  processNamespaces,
  processOpenFiles,
  processOpenPipes,
  processOpenSockets,
  processes,
];

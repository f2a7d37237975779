/** What the Docker daemon says of itself. */
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asText } from '../../host/json.ts';
import { askObject, number } from './docker.ts';

export const dockerVersion = defineTable({
  name: 'docker_version',
  description: 'Version of the Docker daemon',
  columns: {
    version: text('Version', { collate: 'version' }),
    api_version: text('Version of its API', { collate: 'version' }),
    min_api_version: text('Oldest version of the API that it takes', { collate: 'version' }),
    git_commit: text('Commit that it was built from'),
    go_version: text('Version of Go', { collate: 'version' }),
    os: text('Operating system'),
    arch: text('Architecture'),
    kernel_version: text('Version of the kernel', { collate: 'version' }),
    build_time: text('When it was built'),
  },
  examples: ['SELECT version, api_version FROM docker_version'],
  *generate(context) {
    const facts = askObject(context, '/version');
    if (facts === undefined) return;
    yield {
      version: asText(facts.Version),
      api_version: asText(facts.ApiVersion),
      min_api_version: asText(facts.MinAPIVersion),
      git_commit: asText(facts.GitCommit),
      go_version: asText(facts.GoVersion),
      os: asText(facts.Os),
      arch: asText(facts.Arch),
      kernel_version: asText(facts.KernelVersion),
      build_time: asText(facts.BuildTime),
    };
  },
});

export const dockerInfo = defineTable({
  name: 'docker_info',
  description: 'What the Docker daemon can do, and how much it has',
  columns: {
    id: text('Identifier of the daemon', { collate: 'nocase' }),
    containers: integer('Containers'),
    containers_running: integer('Containers that run'),
    containers_paused: integer('Containers that pause'),
    containers_stopped: integer('Containers that do not run'),
    images: integer('Images'),
    storage_driver: text('Storage driver'),
    memory_limit: integer('1 when memory can be limited'),
    swap_limit: integer('1 when swap can be limited'),
    kernel_memory: integer('1 when memory of the kernel can be limited'),
    cpu_cfs_period: integer('1 when the period of the scheduler can be set'),
    cpu_cfs_quota: integer('1 when the quota of the scheduler can be set'),
    cpu_shares: integer('1 when shares of processors can be set'),
    cpu_set: integer('1 when containers can be bound to processors'),
    ipv4_forwarding: integer('1 when IPv4 is forwarded'),
    bridge_nf_iptables: integer('1 when iptables sees bridges'),
    bridge_nf_ip6tables: integer('1 when ip6tables sees bridges'),
    oom_kill_disable: integer('1 when the out-of-memory killer can be switched off'),
    logging_driver: text('Logging driver'),
    cgroup_driver: text('cgroup driver'),
    kernel_version: text('Version of the kernel', { collate: 'version' }),
    os: text('Operating system'),
    os_type: text('Its kind'),
    architecture: text('Architecture'),
    cpus: integer('Processors'),
    memory: bigint('Memory in bytes'),
    http_proxy: text('Proxy for HTTP'),
    https_proxy: text('Proxy for HTTPS'),
    no_proxy: text('Addresses that need no proxy'),
    name: text('Name of the host'),
    server_version: text('Version of the daemon', { collate: 'version' }),
    root_dir: text('Folder of its data'),
  },
  examples: ['SELECT name, containers_running, images, root_dir FROM docker_info'],
  *generate(context) {
    const facts = askObject(context, '/info');
    if (facts === undefined) return;
    yield {
      id: asText(facts.ID),
      containers: number(facts.Containers),
      containers_running: number(facts.ContainersRunning),
      containers_paused: number(facts.ContainersPaused),
      containers_stopped: number(facts.ContainersStopped),
      images: number(facts.Images),
      storage_driver: asText(facts.Driver),
      memory_limit: facts.MemoryLimit === true,
      swap_limit: facts.SwapLimit === true,
      kernel_memory: facts.KernelMemory === true,
      cpu_cfs_period: facts.CpuCfsPeriod === true,
      cpu_cfs_quota: facts.CpuCfsQuota === true,
      cpu_shares: facts.CPUShares === true,
      cpu_set: facts.CPUSet === true,
      ipv4_forwarding: facts.IPv4Forwarding === true,
      bridge_nf_iptables: facts.BridgeNfIptables === true,
      bridge_nf_ip6tables: facts.BridgeNfIp6tables === true,
      oom_kill_disable: facts.OomKillDisable === true,
      logging_driver: asText(facts.LoggingDriver),
      cgroup_driver: asText(facts.CgroupDriver),
      kernel_version: asText(facts.KernelVersion),
      os: asText(facts.OperatingSystem),
      os_type: asText(facts.OSType),
      architecture: asText(facts.Architecture),
      cpus: number(facts.NCPU),
      memory: number(facts.MemTotal),
      http_proxy: asText(facts.HttpProxy),
      https_proxy: asText(facts.HttpsProxy),
      no_proxy: asText(facts.NoProxy),
      name: asText(facts.Name),
      server_version: asText(facts.ServerVersion),
      root_dir: asText(facts.DockerRootDir),
    };
  },
});

/** What the daemon finds out about one container when it is asked: the query names the container. */
import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { asList, asText, at, isObject } from '../../host/json.ts';
import { containers, number, ofContainer, seconds } from './docker.ts';

const ID = text('Identifier of the container', {
  index: true,
  required: true,
  collate: 'nocase',
  operators: ['='],
});
const KINDS = ['C', 'A', 'D'];

export const dockerContainerFsChanges = defineTable({
  name: 'docker_container_fs_changes',
  description: 'Files of a container that are not as in its image',
  columns: {
    id: ID,
    path: text('Path in the container'),
    change_type: text('C changed, A added, D removed'),
  },
  examples: [
    "SELECT path FROM docker_container_fs_changes WHERE id = '4f1a' AND change_type = 'A'",
    'SELECT c.name, f.path FROM docker_containers c JOIN docker_container_fs_changes f USING (id)',
  ],
  *generate(context) {
    for (const container of containers(context)) {
      for (const change of asList(ofContainer(context, container, 'changes'))) {
        yield {
          id: container.id,
          path: asText(at(change, 'Path')),
          change_type: KINDS[Number(at(change, 'Kind'))] ?? '',
        };
      }
    }
  },
});

/** Bytes of one kind of request, of all disks. */
function diskBytes(stats: unknown, kind: string): number {
  return asList(at(stats, 'blkio_stats', 'io_service_bytes_recursive'))
    .filter((entry) => asText(at(entry, 'op')).toLowerCase() === kind)
    .reduce<number>((sum, entry) => sum + Number(at(entry, 'value') ?? 0), 0);
}

/** Bytes of all networks. */
function networkBytes(stats: unknown, key: string): number {
  const networks = at(stats, 'networks');
  return Object.values(isObject(networks) ? networks : {}).reduce<number>(
    (sum, network) => sum + Number(at(network, key) ?? 0),
    0,
  );
}

/** Nanoseconds between two times of RFC 3339, which have more digits than Date keeps. */
function interval(from: unknown, to: unknown): number | undefined {
  const nanoseconds = (time: unknown): number =>
    Number((/\.(\d{1,9})/.exec(asText(time))?.[1] ?? '').padEnd(9, '0'));
  const [before, after] = [seconds(from), seconds(to)];
  if (typeof before !== 'number' || typeof after !== 'number' || before < 0) return undefined;
  return (after - before) * 1e9 + nanoseconds(to) - nanoseconds(from);
}

export const dockerContainerStats = defineTable({
  name: 'docker_container_stats',
  description:
    'Processor, memory, disk and network use of a container; the daemon takes a second for it',
  columns: {
    id: ID,
    name: text('Name, with a slash before it', { index: true, operators: [] }),
    pids: integer('Processes'),
    read: bigint('When it was looked, seconds since 1970'),
    preread: bigint('When it was looked before, seconds since 1970'),
    interval: bigint('Nanoseconds between'),
    disk_read: bigint('Bytes read from disks'),
    disk_write: bigint('Bytes written to disks'),
    num_procs: integer('Processors; 0 on Linux'),
    cpu_total_usage: bigint('Processor time in nanoseconds'),
    cpu_kernelmode_usage: bigint('Of that in the kernel'),
    cpu_usermode_usage: bigint('Of that outside the kernel'),
    system_cpu_usage: bigint('Processor time of the host in nanoseconds'),
    online_cpus: integer('Processors'),
    pre_cpu_total_usage: bigint('cpu_total_usage when it was looked before'),
    pre_cpu_kernelmode_usage: bigint('cpu_kernelmode_usage when it was looked before'),
    pre_cpu_usermode_usage: bigint('cpu_usermode_usage when it was looked before'),
    pre_system_cpu_usage: bigint('system_cpu_usage when it was looked before'),
    pre_online_cpus: integer('online_cpus when it was looked before'),
    memory_usage: bigint('Bytes of memory'),
    memory_cached: bigint('Of that cache (cgroup v1)'),
    memory_inactive_file: bigint('Of that files not used lately'),
    memory_total_inactive_file: bigint('The same with cgroups below (cgroup v1)'),
    memory_max_usage: bigint('Most bytes there were (cgroup v1)'),
    memory_limit: bigint('Bytes that it may use'),
    network_rx_bytes: bigint('Bytes received'),
    network_tx_bytes: bigint('Bytes sent'),
  },
  examples: ["SELECT memory_usage, memory_limit FROM docker_container_stats WHERE id = '4f1a'"],
  *generate(context) {
    for (const container of containers(context)) {
      const stats = ofContainer(context, container, 'stats?stream=false');
      if (!isObject(stats)) continue;
      const value = (...keys: string[]) => number(at(stats, ...keys));
      yield {
        id: container.id,
        name: asText(stats.name),
        pids: value('pids_stats', 'current'),
        read: seconds(stats.read),
        preread: seconds(stats.preread),
        interval: interval(stats.preread, stats.read),
        disk_read: diskBytes(stats, 'read'),
        disk_write: diskBytes(stats, 'write'),
        num_procs: value('num_procs'),
        cpu_total_usage: value('cpu_stats', 'cpu_usage', 'total_usage'),
        cpu_kernelmode_usage: value('cpu_stats', 'cpu_usage', 'usage_in_kernelmode'),
        cpu_usermode_usage: value('cpu_stats', 'cpu_usage', 'usage_in_usermode'),
        system_cpu_usage: value('cpu_stats', 'system_cpu_usage'),
        online_cpus: value('cpu_stats', 'online_cpus'),
        pre_cpu_total_usage: value('precpu_stats', 'cpu_usage', 'total_usage'),
        pre_cpu_kernelmode_usage: value('precpu_stats', 'cpu_usage', 'usage_in_kernelmode'),
        pre_cpu_usermode_usage: value('precpu_stats', 'cpu_usage', 'usage_in_usermode'),
        pre_system_cpu_usage: value('precpu_stats', 'system_cpu_usage'),
        pre_online_cpus: value('precpu_stats', 'online_cpus'),
        memory_usage: value('memory_stats', 'usage'),
        memory_cached: value('memory_stats', 'stats', 'cache'),
        memory_inactive_file: value('memory_stats', 'stats', 'inactive_file'),
        memory_total_inactive_file: value('memory_stats', 'stats', 'total_inactive_file'),
        memory_max_usage: value('memory_stats', 'max_usage'),
        memory_limit: value('memory_stats', 'limit'),
        network_rx_bytes: networkBytes(stats, 'rx_bytes'),
        network_tx_bytes: networkBytes(stats, 'tx_bytes'),
      };
    }
  },
});

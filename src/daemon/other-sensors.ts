import { readdirSync, readlinkSync } from 'node:fs';
import { fileText } from './host-facts.ts';

/** What a product's processes are called (at most 15 bytes: comm), and how it watches. */
const PRODUCTS: readonly (readonly [product: string, means: string, comms: readonly string[]])[] = [
  ['auditd', 'audit', ['auditd']],
  ['Azure auoms', 'audit', ['auoms', 'auomscollect']],
  ['Auditbeat', 'audit', ['auditbeat']],
  ['Laurel', 'audit', ['laurel']],
  ['Microsoft Defender for Endpoint', 'ebpf or audit', ['wdavdaemon', 'mdatp_audisp_pl']],
  ['CrowdStrike Falcon', 'ebpf or module', ['falcon-sensor', 'falcon-sensor-b']],
  ['SentinelOne', 'ebpf', ['s1-agent', 's1-network']],
  ['Carbon Black', 'ebpf or module', ['cbagentd', 'cbdaemon']],
  ['Elastic Endpoint', 'ebpf', ['elastic-endpoin']],
  ['Falco', 'ebpf or module', ['falco']],
  ['Sysdig', 'ebpf or module', ['sysdig', 'dragent']],
  ['Tetragon', 'ebpf', ['tetragon']],
  ['Tracee', 'ebpf', ['tracee', 'tracee-ebpf']],
  ['Sysmon', 'ebpf', ['sysmon']],
  ['Datadog', 'ebpf', ['system-probe', 'security-agent']],
  ['Cilium', 'ebpf', ['cilium-agent']],
  ['osquery', 'audit or ebpf', ['osqueryd']],
  ['Wazuh', 'audit and inotify', ['wazuh-syscheckd', 'ossec-syscheckd']],
  ['Trend Micro', 'module', ['ds_agent']],
];
const BY_COMM = new Map(
  PRODUCTS.flatMap(([product, means, comms]) =>
    comms.map((comm) => [comm, { product, means }] as const),
  ),
);

/** Ticks of /proc/PID/stat: the same on every Linux that weir runs on. */
const TICKS_PER_SECOND = 100;

export interface OtherSensor {
  readonly product: string;
  readonly means: string;
  readonly pid: number;
  readonly comm: string;
  /** Share of one processor since its start, percent. */
  readonly cpu_percent: number;
  readonly rss_bytes: number;
}

/** What a process costs; undefined when it is gone. */
function costs(pid: number, uptime: number): { cpu: number; rss: number } | undefined {
  const stat = fileText(`/proc/${pid}/stat`);
  const status = fileText(`/proc/${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  // The name may hold spaces and parentheses; what follows the last one has neither.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const used = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  const age = Math.max(1, uptime - Number(fields[19]) / TICKS_PER_SECOND);
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  return { cpu: Math.round((used / age) * 1000) / 10, rss };
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number);
}

/** Processes of products that watch the kernel too, by their names. Reads a file per process. */
export function otherSensors(): OtherSensor[] {
  const uptime = Number(fileText('/proc/uptime')?.split(' ')[0] ?? 0);
  const found: OtherSensor[] = [];
  for (const pid of pids()) {
    const comm = fileText(`/proc/${pid}/comm`);
    const known = comm === undefined ? undefined : BY_COMM.get(comm);
    if (comm === undefined || known === undefined) continue;
    const cost = costs(pid, uptime);
    if (cost === undefined) continue;
    found.push({ ...known, pid, comm, cpu_percent: cost.cpu, rss_bytes: cost.rss });
  }
  return found;
}

export interface BpfHolder {
  readonly pid: number;
  readonly comm: string;
  readonly programs: number;
  readonly maps: number;
  /** Kernel ids of programs that it holds, itself or through links. */
  readonly programIds: readonly number[];
  readonly cpu_percent: number;
}

/**
 * Processes that hold eBPF programs or maps open, whatever their product. Programs that are pinned
 * or attached without anybody holding them are not among these. Looks at every descriptor of the
 * host; as root sees all of them.
 */
export function bpfHolders(): BpfHolder[] {
  const uptime = Number(fileText('/proc/uptime')?.split(' ')[0] ?? 0);
  const holders: BpfHolder[] = [];
  for (const pid of pids()) {
    const links = descriptors(pid);
    const of = (kind: string): number => links.filter(([, link]) => link === kind).length;
    const [programs, maps] = [of('anon_inode:bpf-prog'), of('anon_inode:bpf-map')];
    if (programs + maps === 0) continue;
    const comm = fileText(`/proc/${pid}/comm`) ?? '';
    const programIds = links.flatMap(([fd, link]) => {
      if (!/^anon_inode:\[?bpf[-_](?:prog|link)/.test(link)) return [];
      const id = /^prog_id:\s*(\d+)/m.exec(fileText(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
      return id === undefined ? [] : [Number(id)];
    });
    const cpu = costs(pid, uptime)?.cpu ?? 0;
    holders.push({ pid, comm, programs, maps, programIds, cpu_percent: cpu });
  }
  return holders;
}

/** Open descriptors of a process, and where each leads. */
function descriptors(pid: number): (readonly [fd: string, link: string])[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => {
      try {
        return [[fd, readlinkSync(`${folder}/${fd}`)] as const];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // gone, or not ours to see
  }
}

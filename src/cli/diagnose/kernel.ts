/** Facts of the kernel that decide what can be watched, and of the daemon's programs in it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, release, totalmem, version } from 'node:os';
import { gunzipSync } from 'node:zlib';

const FILES = [
  '/proc/version',
  '/proc/sys/kernel/unprivileged_bpf_disabled',
  '/proc/sys/kernel/bpf_stats_enabled',
  '/proc/sys/kernel/perf_event_paranoid',
  '/proc/sys/kernel/kptr_restrict',
  '/proc/sys/kernel/randomize_va_space',
  '/proc/sys/net/core/bpf_jit_enable',
  '/proc/sys/net/core/bpf_jit_harden',
  '/sys/kernel/security/lockdown',
  '/sys/kernel/security/lsm',
  '/sys/fs/cgroup/cgroup.controllers',
] as const;
const PLACES = [
  '/sys/kernel/btf/vmlinux',
  '/sys/kernel/tracing/events',
  '/sys/kernel/debug/tracing/events',
  '/sys/fs/bpf',
] as const;
const OPTIONS =
  /^(?:# )?CONFIG_(?:BPF\w*|DEBUG_INFO_BTF\w*|KPROBES\w*|KPROBE_EVENTS|FTRACE\w*|FUNCTION_TRACER|DYNAMIC_FTRACE\w*|FPROBE\w*|SECURITY_LOCKDOWN\w*|LSM|CONNECTOR|PROC_EVENTS|AUDIT\w*|CGROUPS|CGROUP_BPF|TRACEPOINTS|FANOTIFY\w*)[= ]/;

/** The first line or why not. */
function content(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    return `(${(error as NodeJS.ErrnoException).code})`;
  }
}

/** The options that matter, from where the distribution keeps them. */
function buildOptions(): readonly string[] | null {
  for (const file of ['/proc/config.gz', `/boot/config-${release()}`]) {
    try {
      const bytes = readFileSync(file);
      const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
      return text.split('\n').filter((line) => OPTIONS.test(line));
    } catch {
      // Then from the next place, or from nowhere.
    }
  }
  return null;
}

export function kernelFacts(): object {
  return {
    release: release(),
    version: version(),
    architecture: arch(),
    memory_bytes: totalmem(),
    files: Object.fromEntries(FILES.map((file) => [file, content(file)])),
    present: Object.fromEntries(PLACES.map((path) => [path, existsSync(path)])),
    build_options: buildOptions(),
  };
}

const NUMBER = /^\d+$/;

/** Fields of /proc/PID/fdinfo/FD: names and values. */
function fields(text: string): Record<string, string | number> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(
    pairs.map(([name, value]) => {
      const number = Number(value);
      return [name, NUMBER.test(value) && Number.isSafeInteger(number) ? number : value];
    }),
  );
}

const FIELDS_OF_A_FILE = ['pos', 'flags', 'mnt_id', 'ino'];

/**
 * The daemon's programs, links and maps, as the kernel shows them to its files' readers. Run times
 * are counted only while kernel.bpf_stats_enabled is 1.
 *
 * @throws Error when the daemon's files may not be read
 */
export function bpfObjects(pid: number): object {
  const folder = `/proc/${pid}/fdinfo`;
  const found: Record<'programs' | 'links' | 'maps', object[]> = {
    programs: [],
    links: [],
    maps: [],
  };
  for (const fd of readdirSync(folder)) {
    let text: string;
    try {
      text = readFileSync(`${folder}/${fd}`, 'latin1');
    } catch {
      continue; // Closed meanwhile.
    }
    const all = fields(text);
    for (const name of FIELDS_OF_A_FILE) delete all[name];
    if ('link_type' in all) found.links.push(all);
    else if ('prog_type' in all) found.programs.push(all);
    else if ('map_type' in all) found.maps.push(all);
  }
  return {
    bpf_stats_enabled: content('/proc/sys/kernel/bpf_stats_enabled'),
    ...found,
  };
}

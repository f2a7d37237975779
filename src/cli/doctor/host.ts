import { existsSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { BootGuard } from '../../daemon/boot-guard.ts';
import { diskSpace, fileText, hasBtf, isLow, kernelRelease } from '../../daemon/host-facts.ts';
import { native } from '../../native/addon.ts';
import { blockedKernel } from '../../sensor/kernel-blocklist.ts';
import { type Finding, finding } from './finding.ts';

/** From linux/capability.h: what weir needs of root, and what for. */
const CAPABILITIES: readonly (readonly [bit: number, name: string, use: string])[] = [
  [39, 'CAP_BPF', 'loading eBPF programs'],
  [38, 'CAP_PERFMON', 'attaching them'],
  [12, 'CAP_NET_ADMIN', 'the netlink provider'],
  [19, 'CAP_SYS_PTRACE', 'details of other users’ processes'],
  [2, 'CAP_DAC_READ_SEARCH', 'files that others may not read'],
];
const SYS_ADMIN = 21;

const MIB = 1 << 20;

function version(release: string): readonly [number, number] {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  return [major, minor];
}

function atLeast(release: string, major: number, minor: number): boolean {
  const [a, b] = version(release);
  return a > major || (a === major && b >= minor);
}

function kernel(): Finding[] {
  const found: Finding[] = [];
  const blocked = blockedKernel(kernelRelease);
  if (blocked !== undefined) {
    const remedy =
      'update the kernel; until then weir watches without eBPF ("provider": "netlink")';
    found.push(finding('kernel', 'warning', `${kernelRelease}: ${blocked}`, remedy));
  } else if (!atLeast(kernelRelease, 5, 8)) {
    const text = `${kernelRelease} has no ring buffer for eBPF (5.8 or later has)`;
    found.push(finding('kernel', 'warning', text, 'weir watches without eBPF: coarser'));
  } else {
    found.push(finding('kernel', 'ok', `${kernelRelease} on ${process.arch}`));
  }
  found.push(
    hasBtf
      ? finding('BTF', 'ok', '/sys/kernel/btf/vmlinux is there')
      : finding(
          'BTF',
          'warning',
          'the kernel has no type information: no eBPF',
          'boot one that is built with CONFIG_DEBUG_INFO_BTF',
        ),
  );
  return found;
}

function lockdown(): Finding {
  const text = fileText('/sys/kernel/security/lockdown');
  if (text === undefined) {
    const why = existsSync('/sys/kernel/security')
      ? 'not known: securityfs is not mounted, or the kernel has no lockdown'
      : 'the kernel has no lockdown';
    return finding('lockdown', 'info', why);
  }
  const mode = /\[(\w+)\]/.exec(text)?.[1] ?? text;
  if (mode === 'confidentiality') {
    const why = 'confidentiality: eBPF programs may not read kernel memory';
    return finding(
      'lockdown',
      'warning',
      why,
      'boot with lockdown=integrity, or without Secure Boot',
    );
  }
  return finding('lockdown', 'ok', mode);
}

/** @param pid of the daemon, or of this process */
function rights(pid: number | 'self', daemon: boolean): Finding {
  const status = fileText(`/proc/${pid}/status`) ?? '';
  const set = BigInt(`0x${/^CapEff:\s*([\da-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: number): boolean => ((set >> BigInt(bit)) & 1n) === 1n;
  const who = daemon ? 'the daemon' : 'this process, in place of the daemon,';
  const missing = CAPABILITIES.filter(([bit]) => !has(bit) && !(bit >= 38 && has(SYS_ADMIN)));
  if (missing.length === 0) return finding('rights', 'ok', `${who} has the capabilities it needs`);
  const names = missing.map(([, name, use]) => `${name} (${use})`).join(', ');
  const level = daemon ? 'warning' : 'info';
  return finding('rights', level, `${who} has no ${names}`, 'run it as root, or by its unit file');
}

function tracefs(): Finding {
  const roots = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
  const mounted = roots.find((root) => existsSync(`${root}/events`));
  if (mounted !== undefined) return finding('tracefs', 'ok', mounted);
  // programs_tracepoint.cc does.
  const text = 'not mounted, or not readable for you: the daemon mounts one for itself';
  return finding('tracefs', 'info', text);
}

function memlock(pid: number | 'self'): Finding {
  if (atLeast(kernelRelease, 5, 11)) {
    return finding('memlock', 'ok', 'not a limit: this kernel charges eBPF memory to the cgroup');
  }
  const limit = /^Max locked memory\s+(\S+)/m.exec(fileText(`/proc/${pid}/limits`) ?? '')?.[1];
  const enough = limit === 'unlimited' || Number(limit) >= 512 * MIB;
  const text = `${limit ?? 'unknown'} bytes may be locked`;
  if (enough) return finding('memlock', 'ok', text);
  return finding('memlock', 'warning', text, 'LimitMEMLOCK=infinity in the unit, or ulimit -l');
}

function cgroups(): Finding {
  const mounts = fileText('/proc/self/mounts') ?? '';
  const path = mounts.split('\n').find((line) => line.split(' ')[2] === 'cgroup2');
  if (path !== undefined) return finding('cgroups', 'ok', `cgroup2 at ${path.split(' ')[1]}`);
  const remedy = 'mount -t cgroup2 none /sys/fs/cgroup/unified';
  return finding('cgroups', 'warning', 'no cgroup2: rows have no cgroup and no container', remedy);
}

function disk(config: Config): Finding {
  const space = diskSpace(config.state_dir);
  if (space === undefined) {
    return finding('disk', 'info', `${config.state_dir} is not there yet; the daemon makes it`);
  }
  const free = `${Math.floor(space.freeBytes / MIB)} MiB free at ${config.state_dir}`;
  if (isLow(space)) {
    return finding('disk', 'warning', free, 'make room, or lower store.max_bytes');
  }
  const limit = config.store.max_bytes;
  if (limit === 0 || limit > space.freeBytes) {
    const wants = limit === 0 ? 'has no limit' : `may grow to ${Math.floor(limit / MIB)} MiB`;
    return finding('disk', 'info', `${free}; the store ${wants}`, 'lower store.max_bytes');
  }
  return finding('disk', 'ok', free);
}

export const CLEAR_GUARD =
  'weir doctor --clear-boot-guard lets eBPF be tried again at the next start';

/** Why eBPF is kept back; undefined: it is not. @throws when the state directory may not be read */
export function bootGuardReason(stateDir: string): string | undefined {
  return new BootGuard(stateDir, { bootId: native.bootId(), kernel: kernelRelease }).reason();
}

function bootGuard(config: Config): Finding {
  try {
    const reason = bootGuardReason(config.state_dir);
    if (reason === undefined) return finding('boot guard', 'ok', 'eBPF may be attached');
    return finding('boot guard', 'warning', reason, CLEAR_GUARD);
  } catch (error) {
    return finding('boot guard', 'info', `not known: ${(error as Error).message}`);
  }
}

/** What the host gives weir. @param daemonPid undefined: none runs, and this process stands for it */
export function examineHost(config: Config, daemonPid: number | undefined): Finding[] {
  const pid = daemonPid ?? 'self';
  return [
    ...kernel(),
    lockdown(),
    rights(pid, daemonPid !== undefined),
    tracefs(),
    memlock(pid),
    cgroups(),
    disk(config),
    bootGuard(config),
  ];
}

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { groupId } from '../daemon/socket-file.ts';

/** What a daemon keeps of root's capabilities, by number, and why; docs/security.md lists them. */
export const KEPT_CAPABILITIES = {
  DAC_READ_SEARCH: 2, // files and /proc of all users
  KILL: 5, // responses
  SETGID: 6, // opening a user's files with the user's rights
  SETUID: 7,
  NET_ADMIN: 12, // process events by netlink, sockets' state
  SYS_PTRACE: 19, // links in other processes' /proc
  SYS_ADMIN: 21, // fanotify, the task iterator; BPF before 5.8
  AUDIT_READ: 37, // audit's multicast group
  PERFMON: 38, // attaching programs
  BPF: 39, // loading them
} as const;

const SETPCAP = 8;
/** The memory of maps counts against RLIMIT_MEMLOCK before it. */
const MEMCG_MAPS: readonly [major: number, minor: number] = [5, 11];

function mask(status: string, name: string): bigint {
  return BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
}

function lastCapability(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  } catch {
    return 0;
  }
}

function isOlder(kernel: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = kernel.split('.').map(Number);
  return a < major || (a === major && b < minor);
}

/** The command that runs another one with what a daemon needs and no more. */
function wrapper(): readonly string[] {
  const last = lastCapability();
  const kept = Object.values(KEPT_CAPABILITIES).filter((number) => number <= last);
  const set = ['-all', ...kept.map((number) => `+cap_${number}`)].join(',');
  const weir = groupId('weir');
  // The socket is given to the group, which its owner may do as a member of it.
  const groups = [...(process.getgroups?.() ?? []), ...(weir === undefined ? [] : [weir])];
  const limits = isOlder(release(), MEMCG_MAPS) ? ['prlimit', '--memlock=unlimited', '--'] : [];
  return [
    ...limits,
    ...['setpriv', '--no-new-privs', '--bounding-set', set, '--inh-caps=-all'],
    ...(groups.length > 0 ? ['--groups', [...new Set(groups)].join(',')] : []),
    '--',
  ];
}

/**
 * Begins this program anew with only the capabilities that a daemon needs, when it has more:
 * capabilities belong to threads, and Node has several from its first instruction on, so they are
 * dropped before it. Returns when nothing is to be dropped, or nothing can be.
 *
 * @returns why all of them are kept; '' when only what is needed is there
 */
export function dropPrivileges(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  const kept = Object.values(KEPT_CAPABILITIES).reduce((bits, n) => bits | (1n << BigInt(n)), 0n);
  if ((mask(status, 'CapBnd') & ~kept) === 0n) return '';
  if (process.geteuid?.() !== 0) return '';
  if ((mask(status, 'CapEff') & (1n << BigInt(SETPCAP))) === 0n) return 'CAP_SETPCAP is missing';
  const [program = '', ...words] = wrapper();
  // Nothing comes after the replacement to tell that it failed.
  const tried = spawnSync(program, [...words, process.execPath, '--version'], { encoding: 'utf8' });
  if (tried.error !== undefined) return `${program} (util-linux): ${tried.error.message}`;
  if (tried.status !== 0) return tried.stderr.trim() || `${program} ended with ${tried.status}`;
  process.removeAllListeners('warning').on('warning', () => {});
  const node = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const path = spawnSync('/bin/sh', ['-c', 'command -v "$0"', program], { encoding: 'utf8' });
  process.execve?.(path.stdout.trim(), [program, ...words, ...node]);
  return 'this Node cannot replace itself';
}

import type { Host } from '../../host/host.ts';

const DELETED = ' (deleted)';

export interface OnDisk {
  readonly path: string | Uint8Array;
  readonly onDisk: number;
}

/** @param link what /proc/PID/exe says; '' when it may not be read or there is none */
export type DiskCheck = (pid: number, link: string | Uint8Array) => OnDisk;

/**
 * The executable's path and whether it is still there. The kernel appends " (deleted)" to what was
 * unlinked, but a file may also be called so: then the running file's identity tells. Many
 * processes run one file, so each path is looked at once.
 */
export function diskCheck(host: Host): DiskCheck {
  const there = new Map<string, number>();
  return (pid, link) => {
    if (link === '') return { path: '', onDisk: -1 };
    // A name that is not UTF-8 cannot be asked for by text.
    if (typeof link !== 'string') return { path: link, onDisk: -1 };
    if (link.endsWith(DELETED)) return deleted(host, pid, link);
    let onDisk = there.get(link);
    if (onDisk === undefined) {
      onDisk = host.exists(link) ? 1 : 0;
      there.set(link, onDisk);
    }
    return { path: link, onDisk };
  };
}

function deleted(host: Host, pid: number, link: string): OnDisk {
  const named = host.stat(link);
  if (named !== undefined) {
    // Through the link, not through the path in it: this is the file that runs.
    const running = host.stat(`/proc/${pid}/exe`);
    if (running?.ino === named.ino && running.dev === named.dev) return { path: link, onDisk: 1 };
  }
  return { path: link.slice(0, -DELETED.length), onDisk: 0 };
}

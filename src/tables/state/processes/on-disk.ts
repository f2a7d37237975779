import type { Host } from '../../host/host.ts';

const DELETED = ' (deleted)';

/**
 * The executable's path and whether it is still there. The kernel appends " (deleted)" to what was
 * unlinked, but a file may also be called so: then the mapped file's inode tells.
 *
 * @param link what /proc/PID/exe says; '' when it may not be read or there is none
 */
export function onDisk(
  host: Host,
  pid: number,
  link: string,
): { readonly path: string; readonly on_disk: number } {
  if (link === '') return { path: '', on_disk: -1 };
  if (!link.endsWith(DELETED)) return { path: link, on_disk: host.exists(link) ? 1 : 0 };
  const there = host.stat(link);
  // Through the link, not through the path in it: this is the file that runs.
  if (there !== undefined) {
    const running = host.stat(`/proc/${pid}/exe`);
    if (running?.ino === there.ino && running.dev === there.dev) return { path: link, on_disk: 1 };
  }
  return { path: link.slice(0, -DELETED.length), on_disk: 0 };
}

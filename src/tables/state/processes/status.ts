/** Of /proc/PID/status, what the processes table shows. */
export interface ProcessStatus {
  /** Real, effective, saved. */
  readonly uids: readonly string[];
  readonly gids: readonly string[];
  /** Bytes; kernel threads have none. */
  readonly total: number | undefined;
  readonly resident: number | undefined;
}

function after(text: string, key: string): string {
  const at = text.indexOf(key);
  if (at < 0) return '';
  const begin = at + key.length;
  const end = text.indexOf('\n', begin);
  return text.slice(begin, end < 0 ? undefined : end);
}

function kilobytes(text: string): number | undefined {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? undefined : value * 1024;
}

/** A name is escaped in the file, so a key at the begin of a line is the kernel's. */
export function parseStatus(text: string): ProcessStatus {
  return {
    uids: after(text, '\nUid:\t').split('\t'),
    gids: after(text, '\nGid:\t').split('\t'),
    total: kilobytes(after(text, '\nVmSize:')),
    resident: kilobytes(after(text, '\nVmRSS:')),
  };
}

import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { release } from 'node:os';

const BTF = '/sys/kernel/btf/vmlinux';

/** The file's text without white space around it; undefined when it cannot be read. */
export function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What weir may use of the file system; undefined when there is no such folder. */
export function diskSpace(path: string): DiskSpace | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** Below this the store may soon not be able to write. */
const LOW_BYTES = 256 << 20;
const LOW_SHARE = 0.02;

export function isLow({ freeBytes, totalBytes }: DiskSpace): boolean {
  return freeBytes < LOW_BYTES || freeBytes < totalBytes * LOW_SHARE;
}

export const kernelRelease = release();

/** Asked anew each time is not needed: it comes with the kernel. */
export const hasBtf = existsSync(BTF);

import { execFileSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';

const TAIL_BYTES = 256 << 10;
const JOURNAL_LINES = '2000';
const UNIT = 'weir.service';
const JOURNAL_MS = 10_000;

/** Of a plain file, what it ends with; undefined for pipes, sockets and terminals. */
function tailOf(path: string): string | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const about = fstatSync(fd);
    if (!about.isFile()) return undefined;
    const bytes = Buffer.alloc(Math.min(about.size, TAIL_BYTES));
    const read = readSync(fd, bytes, 0, bytes.length, about.size - bytes.length);
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(fd);
  }
}

/**
 * The end of the daemon's own log: the file behind its standard error, or its unit's journal.
 *
 * @param pid undefined: none runs
 * @throws Error when the log is kept where it cannot be read back
 */
export function daemonLog(pid: number | undefined): string {
  let where = '';
  if (pid !== undefined) {
    const stderr = `/proc/${pid}/fd/2`;
    where = readlinkSync(stderr);
    const tail = where.startsWith('/') ? tailOf(stderr) : undefined;
    if (tail !== undefined) return tail;
  }
  try {
    const args = ['-u', UNIT, '-n', JOURNAL_LINES, '--no-pager', '-o', 'short-iso-precise'];
    return execFileSync('journalctl', args, {
      ...{ encoding: 'utf8', timeout: JOURNAL_MS, maxBuffer: 8 << 20 },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (cause) {
    const from = where === '' ? 'no daemon runs' : `the daemon writes to ${where}`;
    throw new Error(`${from}, and journalctl does not answer`, { cause });
  }
}

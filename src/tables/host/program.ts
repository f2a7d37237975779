import { spawnSync } from 'node:child_process';
import type { TableContext } from '../bridge/context.ts';

/** A query waits for it, and its deadline does not end it. */
const PATIENCE_MS = 10_000;
const MAX_OUTPUT = 32 << 20;

/**
 * What a program of the host writes, for what only it can tell; '' when it is not installed, and in
 * another root than the host's. It gets nothing of weir's environment and is found at these paths
 * only. A failure is warned about.
 */
export function programOutput(
  context: Pick<TableContext, 'host' | 'once' | 'warn'>,
  paths: readonly string[],
  args: readonly string[],
): string {
  const path = paths.find((each) => context.host.exists(each));
  if (path === undefined || context.host.root !== '') return '';
  return context.once(`${path} ${args.join(' ')}`, () => {
    const { stdout, stderr, status, error } = spawnSync(path, args, {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SYSTEMD_PAGER: '' },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT,
    });
    if (error === undefined && status === 0) return stdout;
    const reason = error?.message ?? (stderr.trim().split('\n')[0] || `it ended with ${status}`);
    context.warn(`${path}: ${reason}`);
    return '';
  });
}

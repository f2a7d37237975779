import { flushCompileCache } from 'node:module';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { type Logger, makeLogger } from '../config/log.ts';
import { problemText } from '../config/problems.ts';
import { Daemon } from '../daemon/daemon.ts';
import { ServiceManager } from '../daemon/service-manager.ts';
import { type Invocation, text } from './command.ts';
import { keepFilesPrivate, stopSignal } from './daemon-process.ts';
import { watching } from './watching.ts';

function load(invocation: Invocation): LoadedConfig {
  return loadConfig({
    file: text(invocation, 'config'),
    flags: { stateDir: text(invocation, 'state-dir') },
  });
}

/** Logs were rotated, or the configuration changed. One with errors changes nothing. */
async function hangUp(daemon: Daemon, log: Logger): Promise<void> {
  try {
    await daemon.reopenLogs();
    const { warnings } = await daemon.reload();
    for (const warning of warnings) log.warn(warning);
  } catch {
    // Told by whoever tried.
  }
}

/** @param privileged why capabilities that are not needed were kept; '' when they were not */
export async function runDaemon(invocation: Invocation, privileged: string): Promise<number> {
  const reread = () => load(invocation);
  const { config, file, warnings } = reread();
  const { level } = config.logger;
  const log = makeLogger(level === undefined ? {} : { level });
  for (const warning of warnings) log.warn(problemText(warning, file));
  if (privileged !== '') log.warn({ why: privileged }, 'all capabilities of root are kept');
  // Whoever started us may stop listening; that is no reason to stop watching.
  process.stdout.removeAllListeners('error').on('error', () => {});
  const manager = new ServiceManager();
  manager.starting();
  keepFilesPrivate();
  const daemon = await Daemon.start({ config, configFile: file, reread, log });
  const signal = stopSignal();
  process.on('SIGHUP', () => void hangUp(daemon, log));
  process.stdout.write(`weir is ready: ${watching(daemon)}, ask at ${config.socket}\n`);
  manager.ready(`${watching(daemon)}, ask at ${config.socket}`);
  // Now, since a daemon may never end in a way that would write it.
  flushCompileCache();
  log.info({ signal: await signal }, 'stopping');
  manager.stopping();
  await daemon.stop();
  manager.close();
  return 0;
}

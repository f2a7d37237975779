import { flushCompileCache } from 'node:module';
import { loadConfig } from '../config/load.ts';
import { makeLogger } from '../config/log.ts';
import { problemText } from '../config/problems.ts';
import { Daemon } from '../daemon/daemon.ts';
import { type Run, text } from './command.ts';
import { stopSignal } from './stop-signal.ts';

export const run: Run = async (invocation) => {
  const { config, file, warnings } = loadConfig({
    file: text(invocation, 'config'),
    flags: { stateDir: text(invocation, 'state-dir') },
  });
  const { level } = config.logger;
  const log = makeLogger(level === undefined ? {} : { level });
  for (const warning of warnings) log.warn(problemText(warning, file));
  // Whoever started us may stop listening; that is no reason to stop watching.
  process.stdout.removeAllListeners('error').on('error', () => {});
  const daemon = await Daemon.start({ config, configFile: file, log });
  const signal = stopSignal();
  process.on('SIGHUP', () => void daemon.reopenLogs());
  process.stdout.write(`weir is ready: events are seen, ask at ${config.socket}\n`);
  // Now, since a daemon may never end in a way that would write it.
  flushCompileCache();
  log.info({ signal: await signal }, 'stopping');
  await daemon.stop();
  return 0;
};

import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { makeLogger } from '../config/log.ts';
import { makeFolder } from '../config/make-folder.ts';
import { problemText } from '../config/problems.ts';
import { Daemon } from '../daemon/daemon.ts';
import { DEFAULT_TAIL } from '../daemon/tail-query.ts';
import { type Run, text } from './command.ts';
import { keepFilesPrivate, stopSignal } from './daemon-process.ts';
import { LiveView } from './live-view.ts';
import { watching } from './watching.ts';

const SHIPPED_PACKS = new URL('../../queries/weir-*.json', import.meta.url).pathname;
const LAUNCHER = new URL('../../bin/weir.js', import.meta.url).pathname;

/** Quoted for a shell where it has to be. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export const run: Run = async (invocation) => {
  const stateDir = resolve(text(invocation, 'state-dir') ?? '.weir');
  const reread = () => loadConfig({ file: text(invocation, 'config'), flags: { stateDir } });
  const { config, file, warnings } = reread();
  const log = makeLogger({ level: config.logger.level ?? 'warn', terminal: true });
  for (const warning of warnings) log.warn(problemText(warning, file));
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`weir: state in ${config.state_dir}; starting ...`);
  const started = performance.now();
  makeFolder(config.state_dir, 0o750);
  keepFilesPrivate();
  const packFiles = globSync(SHIPPED_PACKS).sort();
  const daemon = await Daemon.start({ config, configFile: file, reread, packFiles, log });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(
    `weir is ready after ${seconds} s: ${watching(daemon)}, ${daemon.detecting.queries} rules, ask at ${config.socket}`,
  );
  say('From a second terminal:');
  say(`  ${shellWord(LAUNCHER)} shell --state-dir ${shellWord(config.state_dir)}`);
  say('Events as they happen (Ctrl-C ends):');

  const view = new LiveView(process.stdout);
  const stop = new AbortController();
  const seen = daemon.detections.subscribe((detection) => view.detection(detection));
  const follow = await daemon.tail.subscribe({ tables: DEFAULT_TAIL, where: '' });
  const followed = follow((lines) => view.events(lines), stop.signal).catch((error) =>
    log.warn({ err: error }, 'the live view ended'),
  );
  view.start();
  await stopSignal();
  seen.unsubscribe();
  stop.abort();
  await followed;
  view.end();
  await daemon.stop();
  return 0;
};

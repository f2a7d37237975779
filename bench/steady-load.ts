/** A daemon that watches one cgroup, and a steady load of events in it. Both end with the bench. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Cgroup } from '../test/helpers/cgroup.ts';
import { makeScratch, removeScratch } from '../test/helpers/scratch.ts';
import { WeirDaemon } from '../test/helpers/weir-daemon.ts';
import { onCleanup } from './cleanup.ts';
import { compile } from './workloads.ts';

export interface SteadyLoad {
  /** Of the daemon's databases and logs. */
  readonly state: string;
  /** Where the load makes its files. */
  readonly folder: string;
  readonly daemon: WeirDaemon;
  /** The daemon's, as it was started with. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Events a second for so long; the program's standard output says what it did. */
  start(rate: number, seconds: number): ChildProcessByStdio<null, Readable, null>;
}

/** @param config of the daemon, which watches the load and nothing else */
export async function steadyLoad(config: Readonly<Record<string, unknown>>): Promise<SteadyLoad> {
  const scratch = makeScratch();
  onCleanup(() => removeScratch(scratch));
  const [state, folder] = ['state', 'work'].map((name) => join(scratch, name)) as [string, string];
  mkdirSync(state);
  mkdirSync(folder);
  const program = compile('steady', scratch);
  const nothing = compile('nothing', scratch);
  const cgroup = new Cgroup();
  onCleanup(() => cgroup.remove());
  const whole = { collect: { only: { cgroups: [cgroup.path] } }, ...config };
  const daemon = await WeirDaemon.start(state, whole);
  onCleanup(async () => void (await daemon.stop()));
  return {
    state,
    folder,
    daemon,
    config: whole,
    start(rate, seconds) {
      const shell = `echo $$ > ${join(cgroup.folder, 'cgroup.procs')} && exec "$0" "$@"`;
      const words = [String(rate), String(seconds), folder, nothing];
      const load = spawn('/bin/sh', ['-c', shell, program, ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(load, 'exit');
      onCleanup(async () => {
        load.kill();
        await gone;
      });
      return load;
    },
  };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Cgroup } from '../test/helpers/cgroup.ts';
import { eventually } from '../test/helpers/eventually.ts';
import { makeScratch, removeScratch } from '../test/helpers/scratch.ts';
import { WeirDaemon } from '../test/helpers/weir-daemon.ts';
import { onCleanup } from './cleanup.ts';
import { cpuSeconds, residentMiB } from './process-statistics.ts';
import { printTable, say } from './report.ts';
import { compile } from './workloads.ts';

const FILES = 400_000;
const REST_MS = 60_000;

/** One core opens distinct files for writing as fast as it can; prints where every event went. */
export async function flood(files = FILES): Promise<void> {
  const scratch = makeScratch();
  onCleanup(() => removeScratch(scratch));
  const state = join(scratch, 'state');
  const folder = join(scratch, 'files');
  mkdirSync(state);
  mkdirSync(folder);
  const program = compile('flood', scratch);
  const cgroup = new Cgroup();
  onCleanup(() => cgroup.remove());

  say(`making ${files} files`);
  const child = spawn(program, [String(files), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  onCleanup(async () => {
    child.stdin.end();
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();

  // Collection is restricted to the cgroup, and the workload enters it when its files are made.
  const daemon = await WeirDaemon.start(state, { collect: { only: { cgroups: [cgroup.path] } } });
  onCleanup(async () => void (await daemon.stop()));
  cgroup.add(child.pid as number);

  const cpuBefore = cpuSeconds(daemon.pid);
  const begin = performance.now();
  child.stdin.write('go\n');
  const answer = await lines.next();
  const done = JSON.parse(String(answer.value));
  const loss = await eventually(
    async () => (await daemon.query("SELECT * FROM weir_loss WHERE class = 'file'"))[0] ?? {},
    (row) => Number(row.pending) === 0 && Number(row.balance) === 0,
    REST_MS,
  );
  const seconds = (performance.now() - begin) / 1000;
  const cpu = cpuSeconds(daemon.pid) - cpuBefore;
  const memory = residentMiB(daemon.pid);
  const counted = Number(await daemon.value('SELECT count(*) FROM process_file_events'));

  const own = done.opens + done.closes;
  const number = (value: unknown): string => Number(value).toLocaleString('en');
  printTable(
    ['file events', 'count', 'per second'],
    [
      ['made by the workload', number(own), number(Math.round(own / done.seconds))],
      ...Object.entries(loss)
        .filter(([name]) => name !== 'class' && name !== 'run')
        .map(([name, value]) => [
          name,
          number(value),
          name === 'stored' ? number(Math.round(Number(value) / seconds)) : '',
        ]),
      ['rows in process_file_events', number(counted), ''],
    ],
  );
  process.stdout.write(
    `\nworkload ${done.seconds.toFixed(2)} s; everything stored after ${seconds.toFixed(2)} s; ` +
      `weir used ${cpu.toFixed(2)} s of processor time; ` +
      `resident ${memory.now.toFixed(0)} MiB, at most ${memory.peak.toFixed(0)} MiB\n`,
  );
  const sumHolds = Number(loss.balance) === 0 && Number(loss.pending) === 0;
  process.stdout.write(`the sum holds: ${sumHolds ? 'yes' : 'NO'}\n`);
  const exact = Number(loss.seen) === own;
  process.stdout.write(`seen equals what the workload did: ${exact ? 'yes' : 'NO'}\n`);
  if (!sumHolds || !exact || counted !== Number(loss.stored)) process.exitCode = 1;
}

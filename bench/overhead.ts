import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bpfHolders } from '../src/daemon/other-sensors.ts';
import { makeScratch, removeScratch } from '../test/helpers/scratch.ts';
import { WeirDaemon } from '../test/helpers/weir-daemon.ts';
import { Audit } from './audit.ts';
import { onCleanup } from './cleanup.ts';
import { bpfRuns } from './process-statistics.ts';
import { median, printTable, say } from './report.ts';
import { compile } from './workloads.ts';

const ROUNDS = 9;
const BPF_STATISTICS = '/proc/sys/kernel/bpf_stats_enabled';

const EXEC = 'fork-exec-exit';

/** Operations of one round, and what weir may add to each in microseconds. */
const KINDS = [
  { name: 'untraced-call', count: 2_000_000, limit: 0.005 },
  { name: 'open-read', count: 200_000, limit: 0.15 },
  { name: 'open-write', count: 50_000, limit: 0.8 },
  { name: 'connect-accept', count: 10_000, limit: 1 },
  { name: EXEC, count: 1000, limit: Number.NaN },
] as const;
const EXEC_BPF_LIMIT = 6;

/** `hooks`: weir attached, with nothing in scope: what the kernel asks for tracepoints alone. */
const MODES = ['nothing', 'hooks', 'weir', 'auditd'] as const;
type Mode = (typeof MODES)[number];

/** Samples in microseconds per operation, by mode and kind. */
class Samples {
  readonly #values = new Map<string, number[]>();

  add(mode: Mode, kind: string, value: number): void {
    const key = `${mode} ${kind}`;
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  median(mode: Mode, kind: string): number {
    return median(this.#values.get(`${mode} ${kind}`) ?? []);
  }
}

/** What weir and auditd add to system calls, in interleaved rounds; prints a table. */
export async function overhead(): Promise<void> {
  const scratch = makeScratch();
  onCleanup(() => removeScratch(scratch));
  const loops = compile('loops', scratch);
  compile('nothing', scratch);
  writeFileSync(join(scratch, 'file'), '');
  const measure = async (kind: string, count: number): Promise<number> => {
    const args = [kind, String(count), scratch];
    const { stdout } = await promisify(execFile)(loops, args);
    return JSON.parse(stdout).nanoseconds / 1000 / count;
  };

  mkdirSync(join(scratch, 'audit'));
  const audit = new Audit(join(scratch, 'audit'));
  if (audit.obstacle !== '') say(`auditd is not measured: ${audit.obstacle}.`);
  else onCleanup(() => audit.restore());

  const statistics = readFileSync(BPF_STATISTICS, 'utf8');
  onCleanup(() => writeFileSync(BPF_STATISTICS, statistics));

  for (const { comm, pid, programs } of bpfHolders()) {
    if (programs > 0) say(`${comm} (${pid}) has BPF programs, too: "alone" is with them.`);
  }
  const samples = new Samples();
  const bpfTimes = new Samples();
  const lostBefore = audit.obstacle === '' ? audit.lost() : 0;
  for (let round = 1; round <= ROUNDS; round++) {
    for (const mode of MODES) {
      if (mode === 'auditd' && audit.obstacle !== '') continue;
      say(`round ${round} of ${ROUNDS}: ${mode}`);
      if (audit.obstacle === '') audit.quiet();
      const weir = mode === 'weir' || mode === 'hooks' ? await startWeir(scratch, mode) : null;
      if (mode === 'auditd') await audit.on();
      for (const { name, count } of KINDS) {
        samples.add(mode, name, await measure(name, count));
      }
      if (weir !== null) {
        if (mode === 'weir') await addBpfTimes(weir.pid, measure, bpfTimes);
        await weir.stop();
      }
      if (mode === 'auditd') await audit.off();
    }
  }
  print(samples, bpfTimes, audit.obstacle === '' ? audit.lost() - lostBefore : 0);
}

function startWeir(scratch: string, mode: 'weir' | 'hooks'): Promise<WeirDaemon> {
  const state = join(scratch, 'state');
  removeScratch(state);
  mkdirSync(state);
  // A file that is there, because weir refuses a scope that it cannot resolve, and that nobody runs.
  const program = join(scratch, 'never-run');
  writeFileSync(program, '');
  const nobody = { collect: { only: { executables: [program] } } };
  const daemon = WeirDaemon.start(state, mode === 'hooks' ? nobody : {});
  onCleanup(async () => void (await (await daemon).stop()));
  return daemon;
}

/**
 * Microseconds of BPF run time for one operation of each kind, and how many runs that is, as the statistics
 * themselves take some 60 ns of each; they are on only meanwhile.
 */
async function addBpfTimes(
  pid: number,
  measure: (kind: string, count: number) => Promise<number>,
  times: Samples,
): Promise<void> {
  for (const { name, count } of KINDS) {
    writeFileSync(BPF_STATISTICS, '1');
    const before = bpfRuns(pid);
    await measure(name, count);
    const after = bpfRuns(pid);
    writeFileSync(BPF_STATISTICS, '0');
    times.add('weir', name, (after.time - before.time) / 1000 / count);
    times.add('weir', `runs ${name}`, (after.runs - before.runs) / count);
  }
}

function print(samples: Samples, bpfTimes: Samples, auditLost: number): void {
  const us = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(3));
  const rows = KINDS.map(({ name, limit }) => {
    const base = samples.median('nothing', name);
    const hooks = samples.median('hooks', name) - base;
    const weir = samples.median('weir', name) - base;
    const audit = samples.median('auditd', name) - base;
    return [
      name,
      ...[base, hooks, weir, limit].map(us),
      `${((weir / base) * 100).toFixed(0)}%`,
      us(bpfTimes.median('weir', name)),
      bpfTimes.median('weir', `runs ${name}`).toFixed(1),
      us(audit),
      (audit / weir).toFixed(1),
    ];
  });
  process.stdout.write('Processor time of the workload, microseconds per operation, medians\n');
  printTable(
    [
      ...['operation', 'alone', '+hooks', '+weir', 'limit', 'weir/alone', 'programs', 'runs'],
      ...['+auditd', 'auditd/weir'],
    ],
    rows,
  );
  process.stdout.write(
    `\nBPF run time of fork + exec + exit: ${us(bpfTimes.median('weir', EXEC))} us (limit ${EXEC_BPF_LIMIT})\n`,
  );
  process.stdout.write(`Records that audit dropped meanwhile: ${auditLost}\n`);
}

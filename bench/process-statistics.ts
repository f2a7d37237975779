import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every architecture that Linux has today

/** Processor time of a process and its threads so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and parentheses: fields are counted after its last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory now and at its highest, in MiB. */
export function residentMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Runs and run time, in ns, of all BPF programs that a process holds; 0 while statistics are off. */
export function bpfRuns(pid: number): { readonly runs: number; readonly time: number } {
  const folder = `/proc/${pid}/fdinfo`;
  const programs = new Map<string, readonly [runs: number, time: number]>();
  for (const fd of readdirSync(folder)) {
    let text: string;
    try {
      text = readFileSync(`${folder}/${fd}`, 'utf8');
    } catch {
      continue; // closed meanwhile
    }
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(text)?.[1];
    const id = field('prog_id');
    // A link names its program, too, but not how often that ran.
    if (id !== undefined && field('run_cnt') !== undefined) {
      programs.set(id, [Number(field('run_cnt') ?? 0), Number(field('run_time_ns') ?? 0)]);
    }
  }
  let [runs, time] = [0, 0];
  for (const one of programs.values()) [runs, time] = [runs + one[0], time + one[1]];
  return { runs, time };
}

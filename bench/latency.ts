import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WeirDaemon } from '../test/helpers/weir-daemon.ts';
import { onCleanup } from './cleanup.ts';
import { latencyRules } from './latency-rules.ts';
import { cpuSeconds, residentMiB } from './process-statistics.ts';
import { printTable, say } from './report.ts';
import { steadyLoad } from './steady-load.ts';

const RATE = 5000;
const SECONDS = 30;
const WARM_UP_SECONDS = 5;
const LIMITS = { p50: 15, p99: 50, core: 0.25 };
const POLL_MS = 1;
const SHIPPED = fileURLToPath(new URL('../queries/weir-*.json', import.meta.url));

/** With `--shipped` the rules are those of the shipped packs; without, 300 of ordinary shape. */
export function latencyBench(args: readonly string[]): (() => Promise<void>) | null {
  const [first, ...more] = args;
  if (more.length > 0 || (first !== undefined && first !== '--shipped')) return null;
  return () =>
    latency(first === undefined ? { schedule: latencyRules() } : { packs: { '*': SHIPPED } });
}

interface Rules {
  readonly schedule?: Readonly<Record<string, object>>;
  readonly packs?: Readonly<Record<string, string>>;
}

/** From system call to result line, with streaming rules and a steady load; prints a table. */
async function latency({ schedule = {}, packs = {} }: Rules): Promise<void> {
  const probe = `SELECT ntime, path FROM process_file_events
    WHERE operation = 'create' AND path LIKE '%/latency-probe-%'`;
  const load = await steadyLoad({
    packs,
    schedule: { ...schedule, probe: { query: probe, mode: 'streaming', severity: 'info' } },
  });
  const { state, daemon } = load;
  if (daemon.stderr !== '') throw new Error(`a rule is refused: ${daemon.stderr}`);
  const rules = Number(await daemon.value('SELECT count(*) FROM osquery_schedule')) - 1;
  say(`${rules} rules and the probe; ${RATE} events/s for ${SECONDS} s`);

  const child = load.start(RATE, SECONDS + WARM_UP_SECONDS);
  const exited = once(child, 'exit');
  const done = once(child.stdout, 'data');
  const lines = new LineReader(join(state, 'log', 'weir.results.log'));
  let cpu = 0;
  let rulesCpu = 0;
  let begin = 0;
  let events = 0;
  const latencies: number[] = [];
  const end = performance.now() + (SECONDS + WARM_UP_SECONDS) * 1000;
  const started = performance.now();
  while (performance.now() < end) {
    await sleep(POLL_MS);
    for (const line of lines.read()) {
      const now = (performance.timeOrigin + performance.now()) * 1e6;
      const { columns } = JSON.parse(line);
      if (begin > 0 && columns.ntime !== undefined)
        latencies.push((now - Number(columns.ntime)) / 1e6);
    }
    if (begin === 0 && performance.now() - started > WARM_UP_SECONDS * 1000) {
      [cpu, rulesCpu] = [cpuSeconds(daemon.pid), threadSeconds(daemon.pid, 'weir-rules')];
      begin = performance.now();
      events = await stored(daemon);
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  const busy = (cpuSeconds(daemon.pid) - cpu) / seconds;
  const rulesBusy = (threadSeconds(daemon.pid, 'weir-rules') - rulesCpu) / seconds;
  const rate = ((await stored(daemon)) - events) / seconds;
  await exited;
  const { probes } = JSON.parse(String((await done)[0]));
  await sleep(1000);
  const detections = countLines(join(state, 'log', 'weir.results.log'), 'latency-probe');

  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  printTable(
    ['system call to result line', 'measured', 'limit'],
    [
      ['p50', ms(at(0.5)), ms(LIMITS.p50)],
      ['p90', ms(at(0.9)), ''],
      ['p99', ms(at(0.99)), ms(LIMITS.p99)],
      ['longest', ms(at(1)), ''],
      ['one core busy with the daemon', percent(busy), percent(LIMITS.core)],
      ['of that with the rule thread', percent(rulesBusy), ''],
      ['events a second', rate.toFixed(0), String(RATE)],
      ['probes, result lines', `${probes}, ${detections}`, ''],
      ['resident', `${residentMiB(daemon.pid).now.toFixed(0)} MiB`, ''],
    ],
  );
  const good = at(0.5) <= LIMITS.p50 && at(0.99) <= LIMITS.p99 && busy <= LIMITS.core;
  if (!good || detections !== probes || rate < RATE) process.exitCode = 1;
}

async function stored(daemon: WeirDaemon): Promise<number> {
  return Number(await daemon.value('SELECT sum(stored + pending) FROM weir_loss'));
}

/** Processor time of the threads of this name (cut to 15 bytes by the kernel), seconds. */
function threadSeconds(pid: number, name: string): number {
  let ticks = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const close = stat.lastIndexOf(')');
    if (stat.slice(stat.indexOf('(') + 1, close) !== name) continue;
    const fields = stat.slice(close + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

function countLines(file: string, text: string): number {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(text)).length;
}

/** Reads what a file has got since the last time. */
class LineReader {
  readonly #path: string;
  readonly #buffer = Buffer.alloc(1 << 20);
  #fd = -1;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
    onCleanup(() => {
      if (this.#fd >= 0) closeSync(this.#fd);
    });
  }

  read(): string[] {
    if (this.#fd < 0) {
      try {
        this.#fd = openSync(this.#path, 'r');
      } catch {
        return []; // not yet there
      }
    }
    const size = readSync(this.#fd, this.#buffer);
    const parts = (this.#rest + this.#buffer.toString('utf8', 0, size)).split('\n');
    this.#rest = parts.pop() ?? '';
    return parts;
  }
}

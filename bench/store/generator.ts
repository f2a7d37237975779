import { BATCH_ROWS, type ClassName } from '../../src/sensor/schema.ts';
import { BuildWorld, type Program } from './build-world.ts';
import { Random } from './random.ts';

export type EventClass = Extract<ClassName, 'process' | 'socket' | 'file'>;
/** A row by names of src/sensor/schema.ts. */
export type EventRow = Record<string, string | number | bigint | null>;
export interface Chunk {
  readonly className: EventClass;
  /** What the store gives the first row; the others follow. */
  readonly firstSeq: bigint;
  readonly rows: readonly EventRow[];
}

/** Nanoseconds since 1970 of the first row. */
export const START_NS = 1_700_000_000_000_000_000n;
const BOOT_ID = 'c0a3f3a8-6a52-4e8e-9d24-0b8b9a4f5d11';
/** Processes that run at a time: two builds with a few jobs each. */
const RUNNING = 12;
const EVENT_GAP_NS = 60_000;
const START_GAP_NS = 8_000_000;
const FEW_EVENTS = 5;
const MANY_EVENTS = 160;
const MANY_SHARE = 0.025;
const SOCKET_SHARE = 0.1; // of programs
const NO_AUID = 4_294_967_295;

interface Process extends Program {
  readonly pid: number;
  readonly parent: Process | null;
  readonly processId: bigint;
  readonly execId: bigint;
  left: number;
  fd: number;
}

/** Events of a host that builds software without end, the same for the same seed. */
export class EventGenerator {
  readonly #random: Random;
  readonly #world: BuildWorld;
  readonly #running: Process[] = [];
  #pid = 1000;
  #now = 0;
  #operation = 0;
  #unfinished: { path: string; inode: number } | null = null;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#world = new BuildWorld(this.#random);
  }

  /** Chunks of one class and up to BATCH_ROWS rows as they come to the store, `count` in all. */
  *chunks(count: number): Generator<Chunk> {
    const open = new Map<EventClass, EventRow[]>([
      ['process', []],
      ['socket', []],
      ['file', []],
    ]);
    let next = 1n;
    const close = (className: EventClass): Chunk => {
      const rows = open.get(className) as EventRow[];
      open.set(className, []);
      const firstSeq = next;
      next += BigInt(rows.length);
      return { className, firstSeq, rows };
    };
    for (let made = 0; made < count; ) {
      for (const [className, row] of this.#step()) {
        if (made++ === count) break;
        const rows = open.get(className) as EventRow[];
        if (rows.push(row) === BATCH_ROWS) yield close(className);
      }
    }
    for (const className of open.keys()) {
      if ((open.get(className) as EventRow[]).length > 0) yield close(className);
    }
  }

  *#step(): Generator<[EventClass, EventRow]> {
    const random = this.#random;
    if (this.#running.length < RUNNING) {
      const process = this.#start();
      this.#running.push(process);
      yield ['process', this.#exec(process)];
      if (random.fraction() < SOCKET_SHARE) yield ['socket', this.#connect(process)];
      return;
    }
    const at = random.below(RUNNING);
    const process = this.#running[at] as Process;
    yield ['file', this.#file(process)];
    if (--process.left <= 0) this.#running.splice(at, 1);
  }

  #start(): Process {
    const random = this.#random;
    this.#now += Math.round(random.exponential(START_GAP_NS));
    this.#pid = this.#pid >= 4_194_303 ? 300 : this.#pid + 1 + random.below(3);
    const mean = random.fraction() < MANY_SHARE ? MANY_EVENTS : FEW_EVENTS;
    const shell = this.#running.find((other) => other.path.endsWith('make')) ?? this.#running[0];
    return {
      ...this.#world.program(),
      pid: this.#pid,
      parent: shell ?? null,
      processId: random.id(),
      execId: random.id(),
      left: 1 + Math.round(random.exponential(mean)),
      fd: 3,
    };
  }

  #common(process: Process, syscall: string): EventRow {
    this.#now += Math.round(this.#random.exponential(EVENT_GAP_NS));
    const time = START_NS + BigInt(this.#now);
    return {
      time_ns: time,
      boottime_ns: BigInt(this.#now) + 5_000_000_000n,
      boot_id: BOOT_ID,
      pid: process.pid,
      tid: process.pid,
      process_id: process.processId,
      exec_id: process.execId,
      path: process.path,
      comm: process.path.slice(process.path.lastIndexOf('/') + 1).slice(0, 15),
      auid: NO_AUID,
      parent: process.parent?.pid ?? 1,
      parent_process_id: process.parent?.processId ?? 1n,
      cgroup_id: 4711n,
      mnt_ns: 4_026_531_841,
      syscall,
      op_id: BigInt(++this.#operation),
      count: 1,
      first_time_ns: time,
      source: 'kernel',
      truncated: '',
    };
  }

  #exec(process: Process): EventRow {
    const row = this.#common(process, 'execve');
    row.cmdline = process.cmdline;
    row.json_cmdline = `["${process.cmdline.replaceAll(' ', '","')}"]`;
    row.cwd = process.cwd;
    row.filename = process.path;
    row.parent_path = process.parent?.path ?? '/usr/sbin/init';
    row.parent_cmdline = process.parent?.cmdline ?? '/sbin/init';
    row.inode = BigInt(process.path.length * 7919);
    row.size = BigInt(process.path.length * 65_537);
    row.cmdline_size = process.cmdline.length + 1;
    row.env_size = 1200;
    row.mode = 0o100755;
    row.session_id = 900;
    row.pgid = process.parent?.pid ?? process.pid;
    return row;
  }

  #connect(process: Process): EventRow {
    const random = this.#random;
    const row = this.#common(process, 'connect');
    row.action = 'connect';
    row.fd = BigInt(++process.fd);
    row.family = 2;
    row.protocol = 6;
    row.socket_type = 1;
    row.local_address = '10.0.0.5';
    row.remote_address = `10.${random.skewed(8)}.${random.skewed(40)}.${random.below(200)}`;
    row.local_port = 32_768 + random.below(28_000);
    row.remote_port = random.fraction() < 0.9 ? 443 : 1024 + random.skewed(9000);
    const failed = random.fraction() < 0.03;
    row.status = failed ? 'failed' : 'succeeded';
    row.error = failed ? 111n : 0n;
    row.inode = BigInt(100_000 + this.#operation);
    return row;
  }

  /** Files are created, written and closed; some are removed or renamed at once. */
  #file(process: Process): EventRow {
    const random = this.#random;
    const row = this.#common(process, 'openat');
    row.cwd = process.cwd;
    row.dev = 64_769n;
    row.mode = 0o100644;
    const unfinished = this.#unfinished;
    if (unfinished !== null) {
      row.action = 'close_write';
      row.syscall = 'close';
      row.target_path = unfinished.path;
      row.inode = BigInt(unfinished.inode);
      row.size = BigInt(random.skewed(200_000));
      this.#unfinished = null;
      return row;
    }
    const inode = random.below(5_000_000);
    const kind = random.fraction();
    row.inode = BigInt(inode);
    row.size = 0n;
    row.target_path = kind < 0.25 ? this.#world.temporary('.s') : this.#world.anySource();
    if (kind < 0.75) {
      row.action = kind < 0.5 ? 'create' : 'open_write';
      row.fd = BigInt(++process.fd);
      this.#unfinished = { path: row.target_path, inode };
    } else if (kind < 0.85) {
      row.action = 'unlink';
      row.syscall = 'unlinkat';
    } else if (kind < 0.95) {
      row.action = 'rename';
      row.syscall = 'rename';
      row.dest_path = row.target_path.replace('.cc', '.o');
    } else {
      row.action = 'chmod';
      row.syscall = 'fchmodat';
    }
    return row;
  }
}

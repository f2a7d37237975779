import type { Logger } from '../../config/log.ts';
import type { Config } from '../../config/schema.ts';
import type { Detection, ResponseRecord } from '../../results/types.ts';
import type { QueryRunner } from '../../sql/types.ts';
import type { Hides } from '../suppression.ts';
import { runCommand } from './command.ts';
import { Guard } from './guard.ts';
import { readProcess, type TreeRoot } from './process-list.ts';
import { type Signalled, signalTree } from './signal-tree.ts';
import type { Respond, Subject } from './types.ts';

export interface ResponderOptions {
  /** Whether an exclusion of scope `response` holds for what a rule found. */
  readonly spares: Hides;
  readonly runner: QueryRunner;
  readonly host: string;
  readonly log: Logger;
  /** Keeps what was done. */
  readonly record: (events: readonly ResponseRecord[]) => Promise<void>;
}

/** A verdict of the kernel programs, and what they did about it. */
export interface Verdict extends Subject {
  readonly action: string;
  readonly asked: 'stop' | 'kill';
  readonly outcome: 'done' | 'dry_run' | 'refused';
  readonly refusal: string;
}

/** More than these wait for nobody: a storm of detections is told, not answered. */
const WAITING = 100;
const NS_A_TICK = 10_000_000n; // USER_HZ is 100 on all that weir runs on

type Facts = Pick<ResponseRecord, 'detection' | 'rule' | 'action' | 'place'>;

/** Does what rules and verdicts ask for, one thing after the other, and keeps what became of it. */
export class Responder {
  readonly #options: ResponderOptions;
  #config: Pick<Config, 'response'>;
  #guard: Guard;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ResponderOptions, config: Pick<Config, 'response'>) {
    this.#options = options;
    this.#config = config;
    this.#guard = new Guard(config);
  }

  configure(config: Pick<Config, 'response'>): void {
    this.#config = config;
    this.#guard = new Guard(config);
  }

  /** A rule with `respond` has found something, which is recorded by now. */
  detected(detection: Detection, respond: Respond): void {
    if (respond === 'alert') return;
    const action = typeof respond === 'string' ? respond : 'exec';
    const facts: Facts = { detection: detection.id, rule: detection.rule, action, place: 'weir' };
    this.#enqueue(facts, async () => {
      const subject = subjectOf(detection.row);
      if (this.#options.spares(detection.rule, JSON.parse(detection.row))) {
        return [this.#event(facts, 'refused', 'excluded', subject)];
      }
      const guard = this.#guard;
      const refusal = guard.begin();
      if (refusal !== '') return [this.#event(facts, 'refused', refusal, subject)];
      const events = await this.#respond(facts, detection, respond, subject);
      if (events.every(({ outcome }) => outcome === 'refused')) guard.giveBack();
      return events;
    });
  }

  /** The kernel program has answered for one process; the rest of its tree is left to us. */
  judged(verdict: Verdict): void {
    const { action: rule, asked: action, outcome, refusal } = verdict;
    const facts = { detection: null, rule, action } as const;
    this.#enqueue({ ...facts, place: 'kernel' }, async () => {
      const own = this.#event({ ...facts, place: 'kernel' }, outcome, refusal, verdict);
      if (outcome === 'refused' || !this.#config.response.enabled) return [own];
      const weir = { ...facts, place: 'weir' } as const;
      const all = await this.#signal(weir, verdict, action === 'kill', outcome === 'dry_run');
      // What the program has stopped or would is told already.
      return [own, ...all.filter(({ pid, outcome: of }) => pid !== verdict.pid || of === 'failed')];
    });
  }

  /** Waits for what has begun. */
  async stop(): Promise<void> {
    await this.#work;
  }

  #enqueue(facts: Facts, work: () => Promise<readonly ResponseRecord[]>): void {
    const busy = this.#waiting >= WAITING;
    this.#waiting++;
    this.#work = this.#work.then(async () => {
      try {
        const events = busy ? [this.#event(facts, 'refused', 'busy', null)] : await work();
        for (const event of events) this.#tell(event);
        await this.#options.record(events);
      } catch (error) {
        this.#options.log.error({ err: error, rule: facts.rule }, 'a response was not completed');
      } finally {
        this.#waiting--;
      }
    });
  }

  #tell({ rule, action, place, outcome, reason, pid, path, command }: ResponseRecord): void {
    const about = { rule, action, place, outcome, reason, pid, path, command };
    this.#options.log.warn(about, `response to ${rule}: ${action} ${outcome}`);
  }

  #event(
    facts: Facts,
    outcome: ResponseRecord['outcome'],
    reason: string,
    subject: Pick<ResponseRecord, 'pid' | 'processId' | 'path'> | null,
  ): ResponseRecord {
    return {
      ...facts,
      unixTime: Math.floor(Date.now() / 1000),
      outcome,
      reason,
      pid: subject?.pid ?? null,
      processId: subject?.processId ?? null,
      path: subject?.path ?? null,
      command: null,
      exitCode: null,
    };
  }

  async #respond(
    facts: Facts,
    detection: Detection,
    respond: Exclude<Respond, 'alert'>,
    subject: Subject | null,
  ): Promise<readonly ResponseRecord[]> {
    if (typeof respond !== 'string') return [await this.#execute(facts, detection, respond.exec)];
    if (subject === null) return [this.#event(facts, 'refused', 'row_names_no_process', null)];
    return this.#signal(facts, subject, respond === 'kill', this.#config.response.dry_run);
  }

  async #execute(facts: Facts, detection: Detection, name: string): Promise<ResponseRecord> {
    const { commands, dry_run: dryRun } = this.#config.response;
    const command = commands[name];
    const base = this.#event(facts, 'done', '', subjectOf(detection.row));
    if (command === undefined) {
      return { ...base, outcome: 'refused', reason: 'unknown_command', command: name };
    }
    if (dryRun) return { ...base, outcome: 'dry_run', command: name };
    const { exitCode, problem } = await runCommand(command, this.#json(detection));
    const outcome = problem === '' ? 'done' : 'failed';
    return { ...base, outcome, reason: problem, command: name, exitCode };
  }

  #json({ id, rule, severity, attack, description, unixTime, row }: Detection): string {
    const { host } = this.#options;
    const time = unixTime;
    const said = { id, rule, severity, attack, description, host, time, row: JSON.parse(row) };
    return `${JSON.stringify(said)}\n`;
  }

  async #signal(
    facts: Facts,
    subject: Subject,
    kill: boolean,
    dryRun: boolean,
  ): Promise<ResponseRecord[]> {
    const root = await this.#rootOf(subject);
    const itself = root.startTicks === null ? null : readProcess(subject.pid);
    const refusal = itself === null ? '' : this.#guard.refusal(itself);
    // Who is protected works for others in its tree: nothing is done to any of them.
    if (refusal !== '') return [this.#event(facts, 'refused', refusal, subject)];
    const signalled = signalTree(root, kill, dryRun, this.#guard);
    if (signalled.length === 0) return [this.#event(facts, 'failed', 'gone', subject)];
    return signalled.map((one) => this.#signalEvent(facts, subject, one));
  }

  #signalEvent(
    facts: Facts,
    subject: Subject,
    { pid, outcome, reason }: Signalled,
  ): ResponseRecord {
    const known = pid === subject.pid ? subject : { pid, processId: null, path: null };
    return this.#event(facts, outcome, reason, known);
  }

  /** The process by when it began: its pid alone may be somebody else's by now. */
  async #rootOf({ pid, processId, tree }: Subject): Promise<TreeRoot> {
    const { rows } = await this.#options.runner.query(
      `SELECT CAST(start_ntime - ntime + boottime_ns AS INTEGER), CAST(boottime_ns AS INTEGER)
       FROM process_seen WHERE process_id = ${processId} ORDER BY seq LIMIT 1`,
    );
    const [start, seen] = rows[0] ?? [];
    if (typeof start !== 'bigint' || typeof seen !== 'bigint') {
      return { pid, startTicks: null, group: null, noLaterThan: 0 };
    }
    const ticks = Number(start / NS_A_TICK);
    const found = readProcess(pid);
    // The times of both come by different roundings; a pid never comes back within a tick.
    const same = found !== null && Math.abs(found.startTicks - ticks) <= 1;
    const startTicks = same ? found.startTicks : null;
    return { pid, startTicks, group: tree, noLaterThan: ticks + 1 };
  }
}

/** What a row says of the process that it is about; null: not enough to name one. */
export function subjectOf(row: string): Subject | null {
  const {
    pid,
    process_id: processId,
    path = null,
    tree,
  } = JSON.parse(row) as Record<string, string | number | null | undefined>;
  const number = Number(pid);
  if (!Number.isSafeInteger(number) || number <= 0) return null;
  if (!/^-?\d{1,20}$/.test(String(processId))) return null;
  const group = Number(tree ?? 0);
  return {
    pid: number,
    processId: BigInt(String(processId)),
    path: path === null ? null : String(path),
    tree: Number.isSafeInteger(group) && group > 0 ? group : null,
  };
}

import { Cgroup } from './cgroup.ts';
import { eventually } from './eventually.ts';
import { makeScratch, removeScratch } from './scratch.ts';
import { SHARED_CGROUP, sharedState } from './surroundings.ts';
import { type Row, WeirDaemon } from './weir-daemon.ts';
import { compileWorkload, type Finished, runInside } from './workload.ts';

/**
 * A daemon that watches one new cgroup and nothing else, so that counts are exact whatever else
 * the machine does.
 */
export class Watch {
  readonly daemon: WeirDaemon;
  readonly cgroup: Cgroup;
  readonly scratch: string;
  /** Its own; null where the daemon is shared. */
  readonly #stateDir: string | null;
  /** By class, weir_loss from before. */
  readonly #before: ReadonlyMap<unknown, Row>;

  private constructor(
    daemon: WeirDaemon,
    cgroup: Cgroup,
    stateDir: string | null,
    before: readonly Row[] = [],
  ) {
    this.daemon = daemon;
    this.cgroup = cgroup;
    this.scratch = makeScratch();
    this.#stateDir = stateDir;
    this.#before = new Map(before.map((row) => [row.class, row]));
  }

  /**
   * @param config besides the restriction to the cgroup; repeats are not folded unless it says
   * @param collect what else `collect` has
   */
  static async start(
    config: Readonly<Record<string, unknown>> = {},
    collect: Readonly<Record<string, unknown>> = {},
  ): Promise<Watch> {
    if (sharedState !== undefined && Object.keys({ ...config, ...collect }).join() === 'provider') {
      return Watch.#shared(sharedState);
    }
    const cgroup = new Cgroup();
    const stateDir = makeScratch();
    try {
      const only = { collect: { ...collect, only: { cgroups: [cgroup.path] } } };
      const daemon = await WeirDaemon.start(stateDir, {
        ...only,
        debounce: { window_ms: 0 },
        ...config,
      });
      return new Watch(daemon, cgroup, stateDir);
    } catch (error) {
      removeScratch(stateDir);
      cgroup.remove();
      throw error;
    }
  }

  static async #shared(stateDir: string): Promise<Watch> {
    const daemon = await WeirDaemon.running(stateDir);
    const before = await eventually(
      () => daemon.query('SELECT * FROM weir_loss'),
      (rows) => rows.every((row) => Number(row.balance) === 0 && Number(row.pending) === 0),
    );
    return new Watch(daemon, new Cgroup(SHARED_CGROUP), null, before);
  }

  compile(name: string, ...flags: string[]): string {
    return compileWorkload(name, this.scratch, ...flags);
  }

  run(program: string, ...args: readonly string[]): Promise<Finished> {
    return runInside(this.cgroup, program, args);
  }

  /** Rows of a query once there are at least so many. */
  rows(sql: string, atLeast: number): Promise<Row[]> {
    return eventually(
      () => this.daemon.query(sql),
      (rows) => rows.length >= atLeast,
    );
  }

  /** weir_loss of a class since this watch began, once nothing is on its way any more. */
  async lossAtRest(className: string): Promise<Record<string, number>> {
    const rows = await eventually(
      () => this.daemon.query(`SELECT * FROM weir_loss WHERE class = '${className}'`),
      ([row]) => Number(row?.balance) === 0 && Number(row?.pending) === 0,
    );
    const before = this.#before.get(className);
    return Object.fromEntries(
      Object.entries(rows[0] ?? {}).map(([key, v]) => [
        key,
        Number(v) - Number(before?.[key] ?? 0),
      ]),
    );
  }

  async stop(): Promise<void> {
    await this.daemon.stop();
    removeScratch(this.scratch);
    if (this.#stateDir === null) return;
    removeScratch(this.#stateDir);
    this.cgroup.remove();
  }
}

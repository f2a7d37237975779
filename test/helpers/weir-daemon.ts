import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { slowness } from './surroundings.ts';

export const WEIR = fileURLToPath(new URL('../../bin/weir.js', import.meta.url));
const START_MS = 30_000;

export type Row = Readonly<Record<string, string | number | null>>;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real daemon on a state folder of its own, asked through its socket. */
export class WeirDaemon {
  readonly stateDir: string;
  readonly pid: number;
  /** Null: somebody else's. */
  readonly #process: ChildProcess | null;
  readonly #ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  private constructor(stateDir: string, child: ChildProcess | null, pid = child?.pid) {
    this.stateDir = stateDir;
    this.#process = child;
    this.pid = pid as number;
    this.#ended = new Promise(() => {});
    if (child === null) return;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  /**
   * Starts `weir daemon` and waits for the line that says `ready`.
   * @param stateDir an existing folder; the configuration is written into it
   */
  static async start(stateDir: string, config: object = {}): Promise<WeirDaemon> {
    const file = join(stateDir, 'test-config.json');
    writeFileSync(file, JSON.stringify(config));
    const args = [WEIR, 'daemon', '--config', file, '--state-dir', stateDir];
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const daemon = new WeirDaemon(stateDir, spawn(process.execPath, args, { stdio: [...stdio] }));
    const ended = daemon.#ended.then(() => false);
    const ready = await Promise.race([daemon.#ready(), ended]);
    if (!ready) {
      await daemon.kill();
      throw new Error(`no daemon: ${daemon.#stdout}${daemon.#stderr}`);
    }
    return daemon;
  }

  /** One that runs already, which stop() and kill() leave alone. */
  static async running(stateDir: string): Promise<WeirDaemon> {
    const daemon = new WeirDaemon(stateDir, null);
    const pid = Number(await daemon.value('SELECT pid FROM weir_health'));
    return new WeirDaemon(stateDir, null, pid);
  }

  async #ready(): Promise<boolean> {
    const signal = AbortSignal.timeout(START_MS * slowness);
    try {
      while (!this.#stdout.includes('ready')) {
        await once(this.#process?.stdout as NodeJS.ReadableStream, 'data', { signal });
      }
      return true;
    } catch {
      return false;
    }
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get socket(): string {
    return join(this.stateDir, 'weir.sock');
  }

  /** Rows of a query; integers beyond 2^53 are text. Throws what the daemon answers otherwise. */
  async query(sql: string): Promise<Row[]> {
    const call = request({ socketPath: this.socket, path: '/query', method: 'POST' });
    call.end(sql);
    const [response] = await once(call, 'response').catch((error) => this.#gone(error));
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk;
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${body}`);
    return JSON.parse(body);
  }

  /** Why a question found nobody, with the last words of a daemon that ended by itself. */
  async #gone(error: Error): Promise<never> {
    const ended = await Promise.race([this.#ended, sleep(1000, undefined, { ref: false })]);
    if (ended === undefined) throw error;
    const { code, signal } = ended;
    const last = this.#stderr.slice(-2000);
    throw new Error(`the daemon ended with ${signal ?? code}: ${last}`, { cause: error });
  }

  /** The only value of the only row. */
  async value(sql: string): Promise<string | number | null> {
    const [row] = await this.query(sql);
    return row === undefined ? null : (Object.values(row)[0] ?? null);
  }

  /** Ends it as a service manager does. */
  async stop(): Promise<Ended> {
    return this.#end('SIGTERM');
  }

  /** Ends it as a crash does. */
  async kill(): Promise<Ended> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<Ended> {
    if (this.#process === null) return { code: 0, signal: null };
    if (this.#process.exitCode === null) this.#process.kill(signal);
    return this.#ended;
  }
}

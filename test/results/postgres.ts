import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEADLINE_MS = 30_000;

/** A PostgreSQL server of our own, reachable through a Unix socket in its folder only. */
export class Postgres {
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.#process = child;
  }

  /** Needs Debian's package postgresql, and root to become its user. */
  static async start(): Promise<Postgres> {
    const bin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
    if (bin === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql');
    const owner = postgresUser();
    const folder = mkdtempSync(join(tmpdir(), 'weir-pg-'));
    chownSync(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    const options = { ...owner, cwd: folder, stdio: 'pipe' } as const;
    const init = ['-D', data, '-A', 'trust', '-U', 'weir', '--no-sync', '-E', 'UTF8', '--locale=C'];
    execFileSync(join(bin, 'initdb'), init, options);
    const settings = ['-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'max_connections=20'];
    const child = spawn(join(bin, 'postgres'), ['-D', data, '-k', folder, ...settings], options);
    const server = new Postgres(folder, child);
    try {
      await server.#ready();
      execFileSync(join(bin, 'createdb'), ['-h', folder, '-U', 'weir', 'weir'], options);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get connection(): Readonly<Record<string, unknown>> {
    return { host: this.folder, user: 'weir', database: 'weir' };
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGINT'); // ends connections, then itself
      await once(this.#process, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    let said = '';
    while (!said.includes('ready to accept connections')) {
      const [text] = await once(this.#process.stderr as NodeJS.ReadableStream, 'data', { signal });
      said += String(text);
    }
    this.#process.stderr?.resume();
  }
}

function postgresUser(): { readonly uid: number; readonly gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m);
  if (line === null) throw new Error('there is no user postgres: apt-get install postgresql');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

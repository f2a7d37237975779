import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../test/helpers/eventually.ts';

/**
 * What weir collects, said to audit: processes, sockets, (perm=wa) every open for writing and every
 * change of names and attributes, and the closes that tell when a written file is complete. Audit
 * cannot tell closes of written files from others, nor datagrams' first from later ones.
 */
const RULES = [
  '-a always,exit -F arch=b64 -S execve,execveat,fork,vfork,clone,clone3,exit_group -k weir-bench',
  '-a always,exit -F arch=b64 -S connect,accept,accept4,bind,listen,sendto,sendmsg,sendmmsg -k weir-bench',
  '-a always,exit -F arch=b64 -S all -F dir=/ -F perm=wa -k weir-bench',
  '-a always,exit -F arch=b64 -S close,dup2,dup3,close_range -F success=1 -k weir-bench',
];

/** Tasks made under this rule have no audit context: the kernel as if audit had never been on. */
const NO_CONTEXT = '-a task,never';

function auditctl(...args: readonly string[]): string {
  return execFileSync('auditctl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function status(): Map<string, string> {
  const lines = auditctl('-s').trim().split('\n');
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
}

/** The kernel's audit system, borrowed: `restore` puts rules, switches and daemon back. */
export class Audit {
  readonly #before = status();
  readonly #rules: readonly string[];
  readonly #folder: string;
  #daemon: ChildProcess | null = null;

  /** @param folder private folder for auditd's configuration and log */
  constructor(folder: string) {
    const rules = auditctl('-l').trim();
    this.#rules = rules === 'No rules' ? [] : rules.split('\n');
    this.#folder = folder;
  }

  /** Why it cannot be measured; '' when it can. */
  get obstacle(): string {
    if (this.#before.get('enabled') === '2') return 'audit is locked until the next boot (-e 2)';
    if (this.#before.get('pid') !== '0') return 'an audit daemon is running here already';
    return '';
  }

  /** No rules, no daemon, no audit contexts in new processes. */
  quiet(): void {
    auditctl('-D');
    auditctl('-e', '0');
    auditctl(...NO_CONTEXT.split(' '));
  }

  /** auditd with its own defaults, writing its log, and the rules above. */
  async on(): Promise<void> {
    mkdirSync(join(this.#folder, 'plugins.d'), { recursive: true });
    const settings = {
      log_file: join(this.#folder, 'audit.log'),
      write_logs: 'yes',
      log_format: 'ENRICHED',
      flush: 'INCREMENTAL_ASYNC',
      freq: 50,
      max_log_file: 64,
      num_logs: 2,
      max_log_file_action: 'ROTATE',
      space_left: 75,
      space_left_action: 'SYSLOG',
      admin_space_left: 50,
      admin_space_left_action: 'SUSPEND',
      disk_full_action: 'SUSPEND',
      disk_error_action: 'SUSPEND',
      plugin_dir: join(this.#folder, 'plugins.d'),
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    writeFileSync(join(this.#folder, 'auditd.conf'), `${lines.join('\n')}\n`, { mode: 0o640 });
    chmodSync(this.#folder, 0o750);
    const daemon = spawn('auditd', ['-n', '-c', this.#folder], { stdio: 'ignore' });
    this.#daemon = daemon;
    await eventually(
      () => Number(status().get('pid')),
      (pid) => pid === daemon.pid,
    );
    auditctl('-D');
    // As Debian's own rules set them.
    auditctl('-b', '8192', '--backlog_wait_time', '60000');
    for (const rule of RULES) auditctl(...rule.split(' '));
  }

  async off(): Promise<void> {
    auditctl('-D');
    if (this.#daemon !== null && this.#daemon.exitCode === null) {
      const gone = once(this.#daemon, 'exit');
      this.#daemon.kill('SIGTERM');
      await gone;
    }
    this.#daemon = null;
    this.quiet();
  }

  async restore(): Promise<void> {
    await this.off();
    auditctl('-D');
    if (this.#rules.length > 0) {
      const file = join(this.#folder, 'rules-before');
      writeFileSync(file, `${this.#rules.join('\n')}\n`, { mode: 0o600 });
      auditctl('-R', file);
    }
    const was = (name: string): string => this.#before.get(name) ?? '0';
    auditctl('-b', was('backlog_limit'), '--backlog_wait_time', was('backlog_wait_time'));
    auditctl('-r', was('rate_limit'), '-f', was('failure'), '-e', was('enabled'));
  }

  /** Records that audit itself dropped, since boot. */
  lost(): number {
    return Number(status().get('lost'));
  }
}

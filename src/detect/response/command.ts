import { spawn } from 'node:child_process';
import type { Config } from '../../config/schema.ts';

export interface CommandEnd {
  /** null: it did not end by itself. */
  readonly exitCode: number | null;
  /** '' when it ended with 0. */
  readonly problem: string;
}

type Command = Config['response']['commands'][string];

/**
 * Runs a configured command with a text on its standard input: no shell, an environment that says
 * nothing, a process group of its own which ends with the time limit. Never rejects.
 */
export function runCommand(command: Command, input: string): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const child = spawn(command.command, command.arguments, {
      cwd: '/',
      detached: true,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      // Not waited for yet, so the number is still the group's.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    }, command.timeout_ms);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ exitCode: null, problem: error.message });
    });
    child.on('exit', (exitCode, signal) => {
      clearTimeout(timer);
      if (late) resolve({ exitCode: null, problem: 'timeout' });
      else if (exitCode === 0) resolve({ exitCode, problem: '' });
      else resolve({ exitCode, problem: signal ?? `exit code ${exitCode}` });
    });
    // It may end without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

import type { Run } from './command.ts';
import { dropPrivileges } from './privileges.ts';

/** Privileges first: what the daemon consists of is loaded once, by whoever stays. */
export const run: Run = async (invocation) => {
  const privileged = dropPrivileges();
  const { runDaemon } = await import('./daemon-run.ts');
  return runDaemon(invocation, privileged);
};

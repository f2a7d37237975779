import { createInterface } from 'node:readline/promises';
import { WeirError } from '../../config/errors.ts';
import { BootGuard } from '../../daemon/boot-guard.ts';
import { safeText } from '../output/safe-text.ts';
import { type Auditctl, type AuditState, auditctl, removal } from './audit.ts';
import { bootGuardReason } from './host.ts';
import { readAudit } from './sensors.ts';

const say = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);

/** Asks on standard error; only y and yes are a yes, the end of input is not. */
async function yes(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
    const answer = await Promise.race([reader.question(`${question} [y/N] `), closed]);
    return /^\s*y(?:es)?\s*$/i.test(answer);
  } finally {
    reader.close();
  }
}

/**
 * Removes, one by one, the audit rules that doctor named, and nothing else; only from the kernel, no
 * file is changed.
 *
 * @returns whether all went well
 */
export function removeRules(state: Pick<AuditState, 'left'>, run: Auditctl): boolean {
  let well = true;
  for (const { rule } of state.left) {
    try {
      run(removal(rule));
      say(`removed: ${rule}`);
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      say(`not removed: ${rule}: ${(stderr || (error as Error).message).trim()}`);
      well = false;
    }
  }
  return well;
}

/**
 * `weir doctor --fix`: the exit code.
 *
 * @param assumed whether --yes was given
 * @throws WeirError NOT_PERMITTED (77), AUDIT_UNREADABLE
 */
export async function fix(assumed: boolean): Promise<number> {
  if (process.geteuid?.() !== 0) {
    throw new WeirError('NOT_PERMITTED', 'audit rules are for root alone; run as root', {
      exitCode: 77,
    });
  }
  const { state, why } = readAudit();
  if (state === undefined) throw new WeirError('AUDIT_UNREADABLE', `nothing can be fixed: ${why}`);
  if (state.left.length === 0) {
    say('there is nothing to fix: no audit rule of a product that is gone');
    return 0;
  }
  say('Audit rules of products that do not run:');
  for (const { rule, product } of state.left) say(`  ${rule}  (${product})`);
  if (state.enabled === 2) {
    say('They cannot be changed before the next boot (enabled 2): remove them from');
    say('/etc/audit/rules.d, and reboot.');
    return 1;
  }
  if (!assumed && !(await yes('Remove these rules from the kernel?'))) {
    say('nothing was changed');
    return 1;
  }
  const well = removeRules(state, auditctl);
  say('What /etc/audit/rules.d still names comes back at the next boot.');
  return well ? 0 : 1;
}

/**
 * `weir doctor --clear-boot-guard`: the exit code.
 *
 * @throws WeirError NOT_PERMITTED (77)
 */
export function clearBootGuard(stateDir: string): number {
  try {
    const reason = bootGuardReason(stateDir);
    // One that is armed and has not tripped protects the running daemon.
    if (reason === undefined || !BootGuard.clear(stateDir)) {
      say('the boot guard keeps nothing back: there is nothing to clear');
      return 0;
    }
    say(`cleared: ${reason}`);
    say('eBPF is tried again when the daemon starts next.');
    return 0;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw cause;
    const text = `cannot clear the boot guard: ${message}`;
    throw new WeirError('NOT_PERMITTED', text, { exitCode: 77, cause });
  }
}

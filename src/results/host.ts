import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What log lines call this host: its name, its machine id (`uuid`), or the text as it is. */
export function hostIdentifier(setting: string): string {
  if (setting === 'hostname') return hostname();
  if (setting !== 'uuid') return setting;
  return machineId() ?? hostname();
}

/** As osquery shows it: 8-4-4-4-12, upper case. */
function machineId(): string | undefined {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim().toUpperCase();
    return /^[0-9A-F]{32}$/.test(id)
      ? id.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
      : undefined;
  } catch {
    return undefined;
  }
}

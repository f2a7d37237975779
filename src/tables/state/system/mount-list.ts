import type { Host } from '../../host/host.ts';

/** A line of /proc/mounts; device and path in Latin-1, a character per byte (byte-path.ts). */
export interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly flags: string;
}

/** Blanks, tabs, newlines and backslashes in a field are octal: proc_pid_mounts(5). */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

export function mountList(host: Host): Mount[] {
  const text = host.bytes('/proc/mounts')?.toString('latin1') ?? '';
  return text.split('\n').flatMap((line) => {
    const [device, path, type, flags] = line.split(' ').map(unescaped);
    if (device === undefined || path === undefined || type === undefined) return [];
    return [{ device, path, type, flags: flags ?? '' }];
  });
}

/** Units as `systemctl show` tells about them: systemd's D-Bus interface by its own client. */
import type { TableContext } from '../../bridge/context.ts';
import { programOutput } from '../../host/program.ts';

const SYSTEMCTL = ['/usr/bin/systemctl', '/bin/systemctl'];
const PROPERTIES = [
  'Id',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'Following',
  'Job',
  'FragmentPath',
  'SourcePath',
  'User',
];

export type Unit = ReadonlyMap<string, string>;

/** Blocks of name=value, an empty line between them. A value goes on to the end of its line. */
export function parseUnits(output: string): Unit[] {
  return output
    .split(/\n\n+/)
    .map((block) => {
      const pairs = block.split('\n').map((line): readonly [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, Math.max(at, 0)), line.slice(at + 1)];
      });
      return new Map(pairs);
    })
    .filter((unit) => (unit.get('Id') ?? '') !== '');
}

/** Types of jobs by their number, from lines of "JOB UNIT TYPE STATE". */
export function parseJobs(output: string): Map<string, string> {
  return new Map(
    [...output.matchAll(/^\s*(\d+)\s+\S+\s+(\S+)\s+\S+\s*$/gm)].map(
      ([, id = '', type = '']) => [id, type] as const,
    ),
  );
}

/** Every character but letters and digits, and a digit at the begin, as _ and its number. */
export function objectPath(id: string): string {
  const escaped = Array.from(Buffer.from(id), (byte, i) => {
    const letter = String.fromCharCode(byte);
    return /[A-Za-z]/.test(letter) || (i > 0 && /[0-9]/.test(letter))
      ? letter
      : `_${byte.toString(16).padStart(2, '0')}`;
  });
  return `/org/freedesktop/systemd1/unit/${escaped.join('')}`;
}

/** Units that systemd has in memory; none where it is not the init system. */
export function systemdUnits(context: Pick<TableContext, 'host' | 'once' | 'warn'>): Unit[] {
  // sd_booted(3)
  if (!context.host.exists('/run/systemd/system')) return [];
  const args = ['show', '--all', '--no-pager', `--property=${PROPERTIES.join(',')}`, '*'];
  return parseUnits(programOutput(context, SYSTEMCTL, args));
}

export function systemdJobs(
  context: Pick<TableContext, 'host' | 'once' | 'warn'>,
): Map<string, string> {
  return parseJobs(
    programOutput(context, SYSTEMCTL, ['list-jobs', '--no-pager', '--no-legend', '--full']),
  );
}

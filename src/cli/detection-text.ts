import type { DetectionGroup } from '../results/detection-group.ts';
import { safeText } from './output/safe-text.ts';

/** Local date and time to the second. */
export function localTime(unixTime: number): string {
  const date = new Date(unixTime * 1000);
  const two = (value: number): string => `${value}`.padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Most telling first. */
const TELLING = ['cmdline', 'target', 'path', 'target_path', 'remote_address', 'name', 'key'];

/** One line of a matching row for a list: the first column that tells what it was about. */
export function whatItWas(row: string): string {
  const columns = JSON.parse(row) as Readonly<Record<string, unknown>>;
  const found = TELLING.find((name) => columns[name] !== undefined && columns[name] !== '');
  return String(found === undefined ? (Object.values(columns)[0] ?? '') : columns[found]);
}

/** What a detection is, some lines that are safe for a terminal. */
export function detectionHeading(detection: DetectionGroup): readonly string[] {
  const { id, severity, rule, description, attack, status, statusTime } = detection;
  const { count, firstTime, lastTime, host } = detection;
  const changed = statusTime === null ? '' : ` since ${localTime(statusTime)}`;
  const times =
    count === 1
      ? `once, ${localTime(lastTime)}`
      : `${count} times, ${localTime(firstTime)} to ${localTime(lastTime)}`;
  const lines = [
    `detection ${id}: ${rule}, ${severity}`,
    ...(description === '' ? [] : [description]),
    ...(attack.length === 0 ? [] : [`ATT&CK ${attack.join(', ')}`]),
    `${times}, on ${host}`,
    `${status.replace('_', ' ')}${changed}`,
  ];
  return lines.map(safeText);
}

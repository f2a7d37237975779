import type { LogLine } from '../log-line.ts';

/** syslog's severities. */
const BY_SEVERITY = { info: 6, low: 5, medium: 4, high: 3, critical: 2 } as const;

/** 0 (emergency) to 7 (debug): a detection's by its severity, any other line is information. */
export function priorityOf(line: LogLine): number {
  return line.severity === null ? BY_SEVERITY.info : BY_SEVERITY[line.severity];
}

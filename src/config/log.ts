import pino from 'pino';

export type Logger = pino.Logger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LogOptions {
  /** Default: `info` in a pipe; `warn` on a terminal, where only what is wrong is worth a line. */
  readonly level?: LogLevel;
  /** Default: whether standard error is one. */
  readonly terminal?: boolean;
  /** Where lines go; default standard error, written at once so that a crash loses none. */
  readonly write?: (line: string) => void;
}

const NAMES: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warning',
  50: 'error',
  60: 'fatal',
};

/**
 * Makes the logger of the process: JSON lines on standard error, one plain sentence per line when
 * that is a terminal. Names and paths from the host come as fields, never inside the message.
 */
export function makeLogger(options: LogOptions = {}): Logger {
  const terminal = options.terminal ?? process.stderr.isTTY === true;
  const level = options.level ?? (terminal ? 'warn' : 'info');
  const sink = options.write ?? syncStandardError();
  const write = terminal ? (line: string) => sink(plainLine(line)) : sink;
  return pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    { write },
  );
}

function syncStandardError(): (line: string) => void {
  const destination = pino.destination({ dest: 2, sync: true });
  // A closed standard error must not end the daemon.
  destination.on('error', () => {});
  return (line) => destination.write(line);
}

const SHOWN_APART = new Set(['level', 'time', 'pid', 'msg']);

/** `weir: warning: message (key=value ...)`. Control characters in values are escaped. */
function plainLine(line: string): string {
  const record = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(record)
    .filter(([key]) => !SHOWN_APART.has(key))
    .map(([key, value]) => `${key}=${fieldText(value)}`);
  const tail = fields.length === 0 ? '' : ` (${fields.join(' ')})`;
  return `weir: ${NAMES[Number(record.level)] ?? 'info'}: ${String(record.msg ?? '')}${tail}\n`;
}

function fieldText(value: unknown): string {
  const error = typeof value === 'object' && value !== null && 'message' in value;
  const text = JSON.stringify(error ? value.message : value) ?? '';
  return text.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What JSON leaves as it is though a terminal may obey it: C1 controls, text direction. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

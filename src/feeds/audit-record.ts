/** A record as the kernel multicasts it: its kind and `audit(1364481363.243:24287): key=value ...`. */
export interface AuditRecord {
  readonly type: number;
  /** Wall clock, nanoseconds; undefined when the record says none. */
  readonly timeNs: bigint | undefined;
  /** What follows the time. */
  readonly text: string;
  readonly fields: ReadonlyMap<string, string>;
  /** What is in msg='...' of a record that a program wrote; '' in others. */
  readonly message: string;
}

const HEAD = /^audit\((\d{1,12})\.(\d{3}):\d+\): ?/;
// Not from the middle of a word: a long one would be tried from each of its letters.
const FIELD = /(?<![\w-])([A-Za-z][\w-]*)=("[^"]*"|'[^']*'|[^\s"']*)/g;
const MESSAGE = "msg='";
/** A record has at most 8,970 bytes; fields beyond this are not ours. */
const MOST_FIELDS = 64;

/** Values that the kernel and libaudit write as hexadecimal digits when they hold spaces, quotes or
 * control characters: names, paths and what users type. */
const UNTRUSTED = new Set(['exe', 'comm', 'name', 'acct', 'terminal', 'path', 'cwd', 'profile']);
UNTRUSTED.add('hostname').add('label').add('info').add('peer_profile');

/** Takes any bytes: users write part of them. */
export function parseAuditRecord(type: number, text: string): AuditRecord {
  const head = HEAD.exec(text);
  const body = head === null ? text : text.slice(head[0].length);
  const timeNs =
    head === null
      ? undefined
      : BigInt(head[1] as string) * 1_000_000_000n + BigInt(head[2] as string) * 1_000_000n;
  const begin = body.startsWith(MESSAGE) ? 0 : body.indexOf(` ${MESSAGE}`) + 1;
  const quoted = begin > 0 || body.startsWith(MESSAGE);
  const end = quoted ? body.lastIndexOf("'") : 0;
  const message = quoted ? body.slice(begin + MESSAGE.length, Math.max(end, begin)) : '';
  const fields = new Map<string, string>();
  // The writer's own words come first: whatever a program adds to its message takes nothing back.
  const own = quoted ? body.slice(0, begin) : body;
  collect(own, fields);
  if (message !== '') collect(message, fields);
  return { type, timeNs, text: body, fields, message };
}

function collect(text: string, fields: Map<string, string>): void {
  for (const [, name, value] of text.matchAll(FIELD) as Iterable<[string, string, string]>) {
    if (fields.size >= MOST_FIELDS) return;
    if (!fields.has(name)) fields.set(name, plain(name, value));
  }
}

function plain(name: string, value: string): string {
  const first = value[0];
  if (first === '"' || first === "'") return value.slice(1, -1);
  if (value === '(null)' || value === '?') return '';
  // An odd number of digits, or other characters, is no encoding; a plain name is in quotes.
  if (UNTRUSTED.has(name) && value.length >= 2 && /^(?:[0-9A-F]{2})+$/.test(value)) {
    return Buffer.from(value, 'hex').toString();
  }
  return value;
}

/** A field as a whole number; undefined when there is none. Decimal, or hexadecimal after 0x. */
export function numberOf(record: AuditRecord, name: string): number | undefined {
  const value = record.fields.get(name);
  if (value === undefined || !/^(?:-?\d{1,15}|0x[0-9a-f]{1,13})$/i.test(value)) return undefined;
  return Number(value);
}

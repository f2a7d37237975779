import type { HostRow } from './feed.ts';

const SEPARATOR = 0x2c; // ,
const QUOTE = 0x22;
const FIELDS = 6;

/**
 * A line as osquery's template for rsyslog writes it: time (RFC 3339), host, severity (a number),
 * facility (a name), tag and message, each in quotes. undefined when it is none.
 */
export function syslogRow(line: Buffer): HostRow | undefined {
  const fields = csvFields(line);
  if (fields?.length !== FIELDS) return undefined;
  const [datetime, host, severity, facility, tag, message] = fields.map((field) => field.trim());
  if (!/^[0-7]$/.test(severity as string)) return undefined;
  const time = Date.parse(datetime as string);
  return {
    topic: 'syslog',
    source: 'syslog',
    ...(Number.isNaN(time) ? {} : { time_ns: BigInt(time) * 1_000_000n }),
    datetime: datetime as string,
    host: host as string,
    severity: Number(severity),
    facility: facility as string,
    tag: (tag as string).replace(/:$/, ''),
    message: message as string,
  };
}

/** Fields of one line; a quote within quotes is written twice. */
function csvFields(line: Buffer): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (fields.length === FIELDS) return undefined;
    if (line[at] !== QUOTE) {
      const comma = line.indexOf(SEPARATOR, at);
      const end = comma < 0 ? line.length : comma;
      fields.push(line.toString('utf8', at, end));
      at = end + 1;
      continue;
    }
    let end = at + 1;
    while (end < line.length && (line[end] !== QUOTE || line[end + 1] === QUOTE)) {
      end += line[end] === QUOTE ? 2 : 1;
    }
    if (end >= line.length) return undefined; // the quote does not end
    fields.push(line.toString('utf8', at + 1, end).replaceAll('""', '"'));
    at = end + 1;
    if (at < line.length && line[at] !== SEPARATOR) return undefined;
    at++;
  }
  return fields;
}

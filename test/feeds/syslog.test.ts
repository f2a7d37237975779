import assert from 'node:assert/strict';
import fc from 'fast-check';
import { journalEntry } from '../../src/feeds/journal-entry.ts';
import { LineCutter } from '../../src/feeds/lines.ts';
import { syslogRow } from '../../src/feeds/syslog-line.ts';

const line = (...fields: readonly string[]): Buffer =>
  Buffer.from(fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(','));

describe('feeds: log lines', () => {
  it('a line of osquery’s template for rsyslog', () => {
    const row = syslogRow(
      line('2026-11-21T10:00:00.5+01:00', 'web1', '6', 'authpriv', 'sshd[12]:', ' said "a, b"'),
    );
    assert.deepEqual(row, {
      topic: 'syslog',
      source: 'syslog',
      time_ns: BigInt(Date.parse('2026-11-21T09:00:00.500Z')) * 1_000_000n,
      datetime: '2026-11-21T10:00:00.5+01:00',
      host: 'web1',
      severity: 6,
      facility: 'authpriv',
      tag: 'sshd[12]',
      message: 'said "a, b"',
    });
  });

  it('what is no such line makes no row', () => {
    assert.equal(syslogRow(Buffer.from('<13>Nov 21 10:00:00 web1 a: b')), undefined);
    assert.equal(syslogRow(line('t', 'h', '9', 'f', 't', 'm')), undefined);
    assert.equal(syslogRow(line('t', 'h', '6', 'f', 't')), undefined);
    assert.equal(syslogRow(line('t', 'h', '6', 'f', 't', 'm', 'x')), undefined);
    assert.equal(syslogRow(Buffer.from('"t","h","6","f","t","m')), undefined);
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void syslogRow(Buffer.from(bytes))));
  });

  it('any six fields come back as they were', () => {
    const text = fc.string().map((each) => each.replaceAll('\n', ' ').trim());
    fc.assert(
      fc.property(text, text, (host, message) => {
        const row = syslogRow(line('t', host, '0', 'kern', 'x', message));
        assert.deepEqual([row?.host, row?.message], [host, message]);
      }),
    );
  });

  it('lines are cut wherever the pieces end; one that is too long is told and left out', () => {
    const lines: string[] = [];
    let long = 0;
    const cutter = new LineCutter(
      8,
      (each) => lines.push(each.toString()),
      () => long++,
    );
    for (const piece of ['ab', 'c\n\nde', '\n123456', '789\nfg', '\n', 'rest']) {
      cutter.push(Buffer.from(piece));
    }
    assert.deepEqual([lines, long], [['abc', 'de', 'fg'], 1]);
  });

  it('an entry of the journal', () => {
    const entry = journalEntry(
      Buffer.from(
        JSON.stringify({
          __CURSOR: 's=1',
          __REALTIME_TIMESTAMP: '1700000000123456',
          PRIORITY: '3',
          SYSLOG_FACILITY: '10',
          SYSLOG_IDENTIFIER: 'sudo',
          MESSAGE: [0x61, 0xff],
          _PID: '77',
          _UID: '1000',
          _EXE: '/usr/bin/sudo',
          _HOSTNAME: 'web1',
        }),
      ),
    );
    assert.equal(entry?.cursor, 's=1');
    const { row } = entry as NonNullable<typeof entry>;
    assert.deepEqual(
      [row.time_ns, row.severity, row.facility, row.tag, row.pid, row.uid, row.path, row.host],
      [1_700_000_000_123_456_000n, 3, 'authpriv', 'sudo', 77, 1000, '/usr/bin/sudo', 'web1'],
    );
    assert.deepEqual(row.message, Uint8Array.of(0x61, 0xff));
    assert.equal(journalEntry(Buffer.from('{"a":1}')), undefined);
    assert.equal(journalEntry(Buffer.from('-- No entries --')), undefined);
    assert.equal(journalEntry(Buffer.from('null')), undefined);
  });
});

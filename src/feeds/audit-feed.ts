import { native } from '../native/addon.ts';
import type { NativeNetlinkListener } from '../native/net.ts';
import { parseAuditRecord } from './audit-record.ts';
import { auditRow } from './audit-row.ts';
import { WANTED } from './audit-types.ts';
import type { Feed, FeedSink } from './feed.ts';

const AT_ONCE = 512;

/**
 * Audit records that others asked for, from the kernel's read-only multicast group. It sets no rule,
 * does not switch audit on and takes nothing from an audit daemon; while audit is off the kernel
 * says little here.
 */
export class AuditFeed implements Feed {
  readonly name = 'audit';
  #listener: NativeNetlinkListener | undefined;
  #sink: FeedSink | undefined;

  start(sink: FeedSink): string {
    const listener = new native.NetlinkListener('audit', WANTED);
    const error = listener.open(() => this.#read());
    if (error === 'EPERM') return 'it needs CAP_AUDIT_READ';
    if (error === 'EPROTONOSUPPORT') return 'the kernel has no audit';
    if (error !== '') return `the multicast group cannot be joined: ${error}`;
    this.#listener = listener;
    this.#sink = sink;
    return '';
  }

  drain(): void {
    this.#read();
  }

  stop(): void {
    this.#listener?.close();
    this.#read();
    this.#listener = undefined;
  }

  #read(): void {
    const sink = this.#sink;
    if (this.#listener === undefined || sink === undefined) return;
    for (;;) {
      const { messages, lost, overruns } = this.#listener.take(AT_ONCE);
      if (overruns > 0)
        sink.warn(this.name, 'the kernel had no room for audit records: some are lost');
      sink.count('lostRing', 'user', overruns); // at least one each
      sink.count('lostQueue', 'user', lost);
      for (const { type, timeNs, bytes } of messages) {
        const row = auditRow(parseAuditRecord(type, bytes.toString()));
        if (row !== undefined) sink.emit({ time_ns: timeNs, ...row });
      }
      if (messages.length < AT_ONCE) return;
    }
  }
}

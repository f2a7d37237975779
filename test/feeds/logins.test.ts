import assert from 'node:assert/strict';
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedSink, HostRow } from '../../src/feeds/feed.ts';
import { LoginFeed } from '../../src/feeds/login-feed.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

/** struct utmp of glibc. */
function record(type: number, pid: number, line: string, user: string, host = ''): Buffer {
  const bytes = Buffer.alloc(384);
  bytes.writeInt16LE(type, 0);
  bytes.writeInt32LE(pid, 4);
  bytes.write(line, 8, 32);
  bytes.write(user, 44, 32);
  bytes.write(host, 76, 256);
  bytes.writeInt32LE(1_700_000_000, 340);
  return bytes;
}

describe('feeds: logins', () => {
  let folder: string;
  let feed: LoginFeed;
  let rows: HostRow[];

  beforeEach(() => {
    folder = makeScratch();
    rows = [];
    writeFileSync(join(folder, 'wtmp'), record(7, 1, 'tty1', 'before'));
    feed = new LoginFeed(folder);
    const sink: FeedSink = {
      emit: (row) => void rows.push(row),
      count: () => {},
      warn: assert.fail,
    };
    assert.equal(feed.start(sink), '');
  });

  afterEach(() => {
    feed.stop();
    removeScratch(folder);
  });

  const messages = (): (readonly unknown[])[] =>
    rows.splice(0).map((row) => [row.source, row.type, row.message, row.address, row.terminal]);

  it('tells what is new: logins, logouts, failures', () => {
    feed.drain();
    assert.deepEqual(messages(), []);
    appendFileSync(join(folder, 'wtmp'), record(7, 9, 'pts/0', 'ann', '203.0.113.9'));
    appendFileSync(join(folder, 'wtmp'), record(8, 9, 'pts/0', ''));
    appendFileSync(join(folder, 'wtmp'), record(2, 0, '~', 'reboot'));
    writeFileSync(join(folder, 'btmp'), record(6, 10, 'ssh:notty', 'a"\nb', '203.0.113.7'));
    feed.drain();
    assert.deepEqual(messages(), [
      ['wtmp', 'USER_LOGIN', 'op=login acct="ann" res=success', '203.0.113.9', 'pts/0'],
      ['wtmp', 'USER_LOGOUT', 'op=logout acct="" res=success', '', 'pts/0'],
      ['btmp', 'USER_LOGIN', 'op=login acct=61220A62 res=failed', '203.0.113.7', 'ssh:notty'],
    ]);
  });

  it('a record that is half written waits for its other half', () => {
    const whole = record(7, 9, 'pts/0', 'ann');
    appendFileSync(join(folder, 'wtmp'), whole.subarray(0, 200));
    feed.drain();
    assert.deepEqual(messages(), []);
    appendFileSync(join(folder, 'wtmp'), whole.subarray(200));
    feed.drain();
    assert.equal(messages().length, 1);
  });

  it('goes on after rotation, and after the file was cut', () => {
    const path = join(folder, 'wtmp');
    appendFileSync(path, record(7, 9, 'pts/0', 'last-of-old'));
    renameSync(path, `${path}.1`);
    writeFileSync(path, record(7, 9, 'pts/1', 'first-of-new'));
    feed.drain();
    truncateSync(path, 0);
    feed.drain();
    appendFileSync(path, record(7, 9, 'pts/2', 'cut'));
    feed.drain();
    assert.deepEqual(
      messages().map(([, , message]) => message),
      ['last-of-old', 'first-of-new', 'cut'].map((name) => `op=login acct="${name}" res=success`),
    );
  });
});

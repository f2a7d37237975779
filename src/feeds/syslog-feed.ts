import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Feed, FeedSink } from './feed.ts';
import { LineCutter } from './lines.ts';
import { syslogRow } from './syslog-line.ts';

/** rsyslog cuts messages at 8 KiB unless told otherwise. */
const MOST_LINE = 1 << 20;

/** Lines that rsyslog writes into a named pipe, with osquery's template. */
export class SyslogFeed implements Feed {
  readonly name = 'syslog';
  readonly #path: string;
  readonly #ownTag: string;
  #socket: Socket | undefined;
  #stopped = false;

  /**
   * @param path made when it is missing
   * @param ownTag lines of weir itself would come back as events, and make lines
   */
  constructor(path: string, ownTag: string) {
    this.#path = path;
    this.#ownTag = ownTag;
  }

  start(sink: FeedSink): string {
    let fd: number;
    try {
      fd = openPipe(this.#path);
    } catch (error) {
      return (error as Error).message;
    }
    const cutter = new LineCutter(
      MOST_LINE,
      (line) => {
        const row = syslogRow(line);
        if (row === undefined) {
          sink.count('lostDecode', 'syslog', 1);
          sink.warn(
            this.name,
            'a line has not the six fields of the template: see docs/configuration.md',
          );
        } else if (row.tag === this.#ownTag) sink.count('excludedStream', 'syslog', 1);
        else sink.emit(row);
      },
      () => sink.count('lostDecode', 'syslog', 1),
    );
    this.#read(fd, cutter, sink);
    return '';
  }

  drain(): void {}

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  #read(fd: number, cutter: LineCutter, sink: FeedSink): void {
    const socket = new Socket({ fd, readable: true, writable: false });
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => cutter.push(piece));
    socket.on('error', (error) => sink.warn(this.name, `the pipe broke: ${error.message}`));
    // The last writer went away. Opened anew before it is closed: the next one finds a reader.
    socket.on('end', () => {
      if (this.#stopped) return;
      try {
        this.#read(openPipe(this.#path), cutter, sink);
      } catch (error) {
        sink.warn(this.name, (error as Error).message);
      }
    });
    socket.unref();
  }
}

/** For reading only: a pipe as osquery makes it lets its owner do no more. @throws Error saying why not */
function openPipe(path: string): number {
  // O_NOFOLLOW: a link could lead root to any file.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  try {
    return opened(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // Node has no mkfifo. rsyslog reads and writes, as its group; others nothing.
  const made = spawnSync('/usr/bin/mkfifo', ['-m', '0460', path], { encoding: 'utf8' });
  if (made.status !== 0) {
    throw new Error(
      `the pipe ${path} cannot be made: ${made.stderr.trim() || made.error?.message}`,
    );
  }
  spawnSync('/usr/bin/chgrp', ['syslog', path]); // where rsyslog has a group
  return opened(path, flags);
}

function opened(path: string, flags: number): number {
  const fd = openSync(path, flags);
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  throw new Error(`${path} is no named pipe`);
}

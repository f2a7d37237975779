import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Feed, FeedSink } from './feed.ts';
import { JOURNAL_FIELDS, journalEntry } from './journal-entry.ts';
import { LineCutter } from './lines.ts';

const PROGRAMS = ['/usr/bin/journalctl', '/bin/journalctl'];
/** journald keeps up to 768 MiB in a field; nobody reads that. */
const MOST_LINE = 8 << 20;
const AGAIN_MS = 5000;

export interface JournalFeedOptions {
  /** Lines of weir itself would come back as events, and make lines. */
  readonly ownIdentifier: string;
  /** Of journal files; default: this host's. */
  readonly folder?: string;
}

/** New entries of the journal, from `journalctl --follow`. */
export class JournalFeed implements Feed {
  readonly name = 'journal';
  readonly #options: JournalFeedOptions;
  #child: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #cursor = '';
  #stopped = false;

  constructor(options: JournalFeedOptions) {
    this.#options = options;
  }

  start(sink: FeedSink): string {
    const program = PROGRAMS.find((path) => existsSync(path));
    if (program === undefined) return 'journalctl is not installed';
    this.#follow(program, sink);
    return '';
  }

  drain(): void {}

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#child?.kill();
  }

  #follow(program: string, sink: FeedSink): void {
    const { folder } = this.#options;
    const args = ['--follow', '--output=json', '--all', '--no-pager', '--quiet'];
    args.push(`--output-fields=${JOURNAL_FIELDS.join(',')}`);
    // What was written while it was away comes after the cursor.
    args.push(this.#cursor === '' ? '--lines=0' : `--after-cursor=${this.#cursor}`);
    if (this.#cursor !== '') args.push('--lines=all');
    if (folder !== undefined) args.push(`--directory=${folder}`);
    const child = spawn(program, args, {
      env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    const cutter = new LineCutter(
      MOST_LINE,
      (line) => this.#entry(line, sink),
      () => sink.count('lostDecode', 'syslog', 1),
    );
    child.stdout.on('data', (piece: Buffer) => cutter.push(piece));
    (child.stdout as unknown as { unref(): void }).unref();
    child.unref();
    const ended = (why: string): void => {
      if (this.#stopped || this.#child !== child) return;
      this.#child = undefined;
      sink.warn(this.name, `journalctl ended (${why}): it is started again`);
      this.#again = setTimeout(() => this.#follow(program, sink), AGAIN_MS).unref();
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, signal) => ended(String(signal ?? code)));
  }

  #entry(line: Buffer, sink: FeedSink): void {
    const entry = journalEntry(line);
    if (entry === undefined) {
      sink.count('lostDecode', 'syslog', 1);
      return;
    }
    this.#cursor = entry.cursor;
    const { tag, pid } = entry.row;
    if (tag === this.#options.ownIdentifier || pid === process.pid) {
      sink.count('excludedStream', 'syslog', 1);
    } else {
      sink.emit(entry.row);
    }
  }
}

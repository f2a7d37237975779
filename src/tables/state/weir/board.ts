/**
 * How a query thread gets what only the daemon's main thread knows: it asks in shared memory, the
 * main thread writes the answer there. Threads that SQLite calls cannot wait for a message.
 */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** What there are boards for. */
export type BoardName = 'health' | 'osquery' | 'exclusions';

const keyOf = (name: BoardName): string => `weir.board.${name}`;
/** Of an answer; memory is taken as answers fill it. */
const BYTES = 16 << 20;
const FAILED = '{"error":';
/** Numbers at the begin of the memory. */
const ASKED = 0; // counts requests
const ANSWERED = 1; // the last request that the text answers
const EDITION = 2; // odd while the text is written
const LENGTH = 3;
const CLOSED = 4;
const HEAD = 5;
const TEXT = 64;

const WAIT_MS = 2000;
const SLICE_MS = 50;

interface Board {
  readonly head: Int32Array;
  readonly text: Uint8Array;
}

function boardOf(memory: SharedArrayBuffer): Board {
  return { head: new Int32Array(memory, 0, HEAD), text: new Uint8Array(memory, TEXT) };
}

const at = (board: Board, index: number): number => Atomics.load(board.head, index);

function write({ head, text }: Board, answer: string): void {
  let bytes = Buffer.from(answer);
  if (bytes.length > text.length) {
    bytes = Buffer.from(failed(`the answer has more than ${text.length} bytes`));
  }
  Atomics.add(head, EDITION, 1);
  text.set(bytes);
  Atomics.store(head, LENGTH, bytes.length);
  Atomics.add(head, EDITION, 1);
}

const failed = (why: string): string => `${FAILED}${JSON.stringify(why)}}`;

function answerOf(make: () => string): string {
  try {
    return make();
  } catch (error) {
    return failed(`${String(error)}: please report it`);
  }
}

async function serve(board: Board, make: () => string): Promise<void> {
  const { head } = board;
  let seen = 0;
  while (at(board, CLOSED) === 0) {
    const asked = at(board, ASKED);
    if (asked === seen) {
      const wait = Atomics.waitAsync(head, ASKED, asked);
      if (wait.async) await wait.value;
      continue;
    }
    write(board, answerOf(make));
    seen = asked;
    Atomics.store(head, ANSWERED, asked);
    Atomics.notify(head, ANSWERED);
  }
}

/**
 * Answers the threads that are started from now on. One board of a name at a time: of several in a
 * process the last one counts.
 *
 * @param make the answer, JSON
 * @returns ends it
 */
export function serveBoard(name: BoardName, make: () => string): () => void {
  const memory = new SharedArrayBuffer(BYTES + TEXT);
  const board = boardOf(memory);
  const key = keyOf(name);
  setEnvironmentData(key, memory);
  void serve(board, make);
  return () => {
    Atomics.store(board.head, CLOSED, 1);
    Atomics.notify(board.head, ASKED);
    Atomics.notify(board.head, ANSWERED);
    if (getEnvironmentData(key) === memory) setEnvironmentData(key, undefined);
  };
}

/**
 * The daemon's answer; undefined: no daemon runs in this process.
 *
 * @param checkpoint called now and then; what it throws ends the waiting
 * @throws Error when the main thread does not answer, or cannot
 */
export function askBoard(name: BoardName, checkpoint: () => void): string | undefined {
  const memory = getEnvironmentData(keyOf(name)) as SharedArrayBuffer | undefined;
  if (memory === undefined) return undefined;
  const board = boardOf(memory);
  const { head, text } = board;
  const ticket = Atomics.add(head, ASKED, 1) + 1;
  Atomics.notify(head, ASKED);
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const answered = at(board, ANSWERED);
    if (((answered - ticket) | 0) >= 0) break;
    if (at(board, CLOSED) !== 0) return undefined;
    if (performance.now() > until) throw new Error('the daemon is too busy to answer');
    checkpoint();
    Atomics.wait(head, ANSWERED, answered, SLICE_MS);
  }
  for (;;) {
    const edition = at(board, EDITION);
    const copy = Buffer.from(text.slice(0, at(board, LENGTH)));
    if (edition % 2 !== 0 || edition !== at(board, EDITION)) continue;
    const answer = copy.toString();
    if (answer.startsWith(FAILED)) throw new Error(JSON.parse(answer).error);
    return answer;
  }
}

import { WeirError } from '../config/errors.ts';
import { isSet, type Run, text } from './command.ts';
import { callDaemon, daemonAnswers } from './daemon-source.ts';
import { type EventRow, eventLine } from './event-line.ts';
import { lines } from './lines.ts';
import { locate } from './location.ts';
import { print } from './output/print.ts';

interface Note {
  readonly weir?: { readonly skipped_after: string; readonly upto: string };
  readonly error?: { readonly code: string; readonly message: string };
}

/** A line that is no row: throws what went wrong, or says what was left out. */
function readNote(line: string): void {
  const { error, weir } = JSON.parse(line) as Note;
  if (error !== undefined) throw new WeirError(error.code, error.message);
  if (weir === undefined) return;
  const skipped = BigInt(weir.upto) - BigInt(weir.skipped_after);
  process.stderr.write(`weir: too slow for this stream: up to ${skipped} rows are not shown\n`);
}

export const run: Run = async (invocation) => {
  const { socket } = await locate(invocation);
  if (!(await daemonAnswers(socket))) {
    throw new WeirError(
      'NO_DAEMON',
      `no daemon answers on ${socket}; start one with "weir daemon"`,
    );
  }
  const query = new URLSearchParams({ where: text(invocation, 'where') ?? '' });
  const [table] = invocation.args;
  if (table !== undefined) query.set('table', table);
  const people = process.stdout.isTTY === true && !isSet(invocation, 'json');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const call = { method: 'GET', path: `/tail?${query}` };
    const answer = await callDaemon(socket, call, stop.signal);
    for await (const batch of lines(answer)) {
      let shown = '';
      for (const line of batch) {
        if (!line.startsWith('{"table"')) readNote(line);
        else shown += people ? `${eventLine(JSON.parse(line) as EventRow)}\n` : `${line}\n`;
      }
      await print(process.stdout, shown);
    }
  } catch (error) {
    if (stop.signal.aborted) return 0;
    if (error instanceof WeirError) throw error;
    throw new WeirError('DAEMON_GONE', 'the daemon ended the connection', { cause: error });
  }
  throw new WeirError('DAEMON_GONE', 'the daemon ended the connection');
};

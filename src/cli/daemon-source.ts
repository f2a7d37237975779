import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { type ExitCode, WeirError } from '../config/errors.ts';
import { decodeRow } from '../sql/decode.ts';
import type { QueryStats, ResultColumn } from '../sql/types.ts';
import { lines } from './lines.ts';
import {
  type AskOptions,
  type Row,
  type RowSource,
  type RowStream,
  type RowsEnd,
  rowStream,
} from './row-source.ts';

interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly exit_code?: ExitCode;
  };
}

/**
 * Whether a daemon listens on the socket.
 *
 * Rejects with NOT_PERMITTED (77) when there is a socket that we may not open.
 */
export function daemonAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES' && error.code !== 'EPERM') return resolve(false);
      const message = `no permission to open ${socketPath}; run as root or as a member of its group`;
      reject(new WeirError('NOT_PERMITTED', message, { exitCode: 77, cause: error }));
    });
  });
}

/** Sends a request to the daemon and gives its answer, or its error as WeirError. */
export async function callDaemon(
  socketPath: string,
  options: { readonly method: string; readonly path: string; readonly body?: string },
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({ socketPath, ...options, host: 'weir', ...(signal ? { signal } : {}) });
    call.once('response', resolve);
    call.once('error', (error) => reject(broken(error, signal)));
    call.end(options.body);
  });
  if (answer.statusCode === 200) return answer;
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  throw errorFrom(text);
}

/**
 * What the daemon on the socket says at a path, as JSON; undefined when none answers there.
 *
 * Rejects with WeirError: NOT_PERMITTED (77), or the daemon's own.
 */
export async function askDaemon<T>(socketPath: string, path: string): Promise<T | undefined> {
  if (!(await daemonAnswers(socketPath))) return undefined;
  return jsonOf<T>(await callDaemon(socketPath, { method: 'GET', path }));
}

/**
 * Makes the daemon on the socket do something, and gives its answer.
 *
 * Rejects with WeirError: NO_DAEMON, NOT_PERMITTED (77), or the daemon's own.
 */
export async function tellDaemon<T>(socketPath: string, path: string, body = ''): Promise<T> {
  if (!(await daemonAnswers(socketPath))) {
    const message = `no daemon answers on ${socketPath}; "weir daemon" starts one`;
    throw new WeirError('NO_DAEMON', message);
  }
  return jsonOf<T>(await callDaemon(socketPath, { method: 'POST', path, body }));
}

async function jsonOf<T>(answer: IncomingMessage): Promise<T> {
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return JSON.parse(text) as T;
}

function errorFrom(text: string): WeirError {
  try {
    const { error } = JSON.parse(text) as ErrorBody;
    return new WeirError(error.code, error.message, { exitCode: error.exit_code ?? 1 });
  } catch (cause) {
    return new WeirError('PROTOCOL', 'the daemon gave an answer of unknown form', { cause });
  }
}

/** A connection that broke: because we left it, or because the daemon did. */
function broken(cause: unknown, signal: AbortSignal | undefined): WeirError {
  if (signal?.aborted) return new WeirError('SQL_CANCELLED', 'the query was cancelled', { cause });
  return new WeirError('DAEMON_GONE', 'the daemon ended the connection', { cause });
}

/** Asks a daemon over its socket. Leaving the connection cancels the query there. */
export class DaemonSource implements RowSource {
  readonly where: string;

  constructor(socketPath: string) {
    this.where = socketPath;
  }

  ask(sql: string, options: AskOptions = {}): RowStream {
    return rowStream((...told) => this.#rows(sql, options, ...told));
  }

  async close(): Promise<void> {}

  async *#rows(
    sql: string,
    options: AskOptions,
    onColumns: (columns: readonly ResultColumn[]) => void,
    onEnd: (end: RowsEnd) => void,
    onError: (error: unknown) => void,
  ): AsyncGenerator<readonly Row[]> {
    const body = JSON.stringify({
      sql,
      format: 'wire',
      ...(options.timeoutMs === undefined ? {} : { timeout_ms: options.timeoutMs }),
      ...(options.maxRows === undefined ? {} : { max_rows: options.maxRows }),
    });
    let ended = false;
    try {
      const call = { method: 'POST', path: '/query', body };
      const answer = await callDaemon(this.where, call, options.signal);
      for await (const batch of lines(answer)) {
        const rows: Row[] = [];
        for (const line of batch) {
          if (line.startsWith('[')) {
            rows.push(decodeRow(line));
          } else if (line.startsWith('{"columns"')) {
            onColumns((JSON.parse(line) as { columns: ResultColumn[] }).columns);
          } else if (line.startsWith('{"end"')) {
            const { truncated, warnings, ...stats } = (JSON.parse(line) as WireEnd).end;
            ended = true;
            onEnd({ stats, truncated, warnings });
          } else {
            throw errorFrom(line);
          }
        }
        if (rows.length > 0) yield rows;
      }
      if (!ended) throw broken(undefined, options.signal);
    } catch (error) {
      const known = error instanceof WeirError ? error : broken(error, options.signal);
      onError(known);
      throw known;
    }
  }
}

interface WireEnd {
  readonly end: QueryStats & Omit<RowsEnd, 'stats'>;
}

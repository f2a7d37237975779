import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Answers by path: a value is sent as JSON, `raw` as it is. */
export type Answers = Readonly<Record<string, unknown>>;

/**
 * An HTTP server on a Unix socket that answers as the Docker daemon does, on a thread of its own:
 * the test's thread waits inside its queries. What it has no answer for is 404.
 */
export class DockerDaemon {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(socket: string, answers: Answers): Promise<DockerDaemon> {
    mkdirSync(dirname(socket), { recursive: true });
    const worker = new Worker(SERVER, { eval: true, workerData: { socket, answers } });
    await once(worker, 'message');
    return new DockerDaemon(worker);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

const SERVER = `
const { createServer } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const { socket, answers } = workerData;
createServer((request, response) => {
  const answer = answers[decodeURIComponent(request.url)];
  if (answer === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"message":"No such thing"}');
  } else if (answer && answer.raw !== undefined) {
    if (answer.cut) {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(answer.raw);
      setTimeout(() => response.destroy(), 50);
    } else {
      response.writeHead(answer.status ?? 200);
      response.end(answer.raw);
    }
  } else {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }
}).listen(socket, () => parentPort.postMessage('ready'));
`;

/** Thread that asks HTTP servers behind Unix sockets for one that waits (socket-client.ts). */
import { request } from 'node:http';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { SocketAnswer, SocketQuestion } from './socket-client.ts';

const { port, signal } = workerData as { port: MessagePort; signal: Int32Array };

/** An answer is held in memory twice: text and what is made of it. */
const MAX_BYTES = 64 << 20;

function ask({ socket, path, timeout }: SocketQuestion): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ status: 0, body: error.message });
    const asked = request({
      socketPath: socket,
      path,
      agent: false,
      headers: { host: 'localhost' },
    });
    const end = AbortSignal.timeout(timeout);
    end.addEventListener('abort', () =>
      asked.destroy(new Error(`no answer in ${timeout / 1000} s`)),
    );
    asked.on('error', failed);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', failed);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) asked.destroy(new Error(`an answer of more than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
      // Cut off: after `end` it does nothing.
      response.on('close', () => failed(new Error('the answer was cut off')));
    });
    asked.end();
  });
}

port.on('message', async (question: SocketQuestion) => {
  port.postMessage({ id: question.id, answer: await ask(question) });
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
});

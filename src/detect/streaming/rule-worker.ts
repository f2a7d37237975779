/**
 * The rule thread: streaming rules on one connection of their own. It runs one pass at a time, when
 * main asks for it; main interrupts the connection by its id.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openConnection } from '../../sql/connection.ts';
import type { PassRequest, RuleThreadData, RuleThreadMessage } from './messages.ts';
import { RuleEngine } from './rule-engine.ts';

if (parentPort === null) throw new Error('rule-worker.ts runs as a worker thread');
const port = parentPort;
const data = workerData as RuleThreadData;
const connection = openConnection(data.path);
const engine = new RuleEngine(connection, data);

const post = (message: RuleThreadMessage): void => port.postMessage(message);
port.on('message', (request: PassRequest) => post(engine.pass(request)));
post({ kind: 'ready', connection: connection.id });

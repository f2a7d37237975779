// Asks the daemon in the machine: `node ask.mjs SOCKET FILE`, where each line of the file is a name, a
// tab and a query, or "hooks". Prints NAME and the rows, a line each, once nothing is on its way any more.
// One process for all questions: starting one takes seconds under emulation.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';

const [socketPath, file] = process.argv.slice(2);

/** The daemon's answer, JSON in one line. */
async function ask(sql, path = '/query') {
  const { promise, resolve, reject } = Promise.withResolvers();
  const method = path === '/query' ? 'POST' : 'GET';
  const call = request({ socketPath, path, method }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    response.on('end', () => {
      const rows = body.replaceAll('\n', '');
      if (response.statusCode === 200) resolve(rows);
      else reject(new Error(`${response.statusCode} ${sql}: ${rows}`));
    });
  });
  call.on('error', reject);
  call.end(sql);
  return promise;
}

/** Hooks that are wanted: which it is, and why not a better one or none. */
async function hooks() {
  const { hooks } = JSON.parse(await ask('', '/hooks'));
  return JSON.stringify(
    hooks
      .filter(({ wanted }) => wanted)
      .map(({ event, hook, tier, reason, whyNotBetter }) => ({
        ...{ event, hook, tier, reason, whyNotBetter },
      })),
  );
}

const MOVING = 'SELECT sum(pending) + sum(abs(balance)) AS moving FROM weir_loss';
const SECONDS = 60;
for (let second = 0; second < SECONDS; second++) {
  const [{ moving }] = JSON.parse(await ask(MOVING));
  if (Number(moving) === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
for (const line of readFileSync(file, 'utf8').split('\n')) {
  const [name, sql] = line.split('\t');
  if (sql === 'hooks') console.log(`${name} ${await hooks()}`);
  else if (sql !== undefined) console.log(`${name} ${await ask(sql)}`);
}

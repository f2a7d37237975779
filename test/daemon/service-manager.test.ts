import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ServiceManager } from '../../src/daemon/service-manager.ts';

/** A real datagram receiver, as systemd is one: Node has none. */
const RECEIVER = `
import os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1].replace('@', '\\0', 1))
print('bound', flush=True)
while True:
    message = receiver.recv(4096).decode()
    print(message.replace('\\n', ' '), flush=True)
    if message == 'STOPPING=1': break
`;

describe('ServiceManager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-notify-'));
  after(() => rmSync(folder, { recursive: true }));

  for (const name of [join(folder, 'notify'), `@weir-notify-${process.pid}`]) {
    it(`tells ${name.startsWith('@') ? 'an abstract socket' : 'a socket'} that it is ready, alive, and stopping`, async () => {
      const receiver = spawn('python3', ['-c', RECEIVER, name], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines = createInterface(receiver.stdout)[Symbol.asyncIterator]();
      const next = async (): Promise<string> => String((await lines.next()).value);
      /** What comes beside the watchdog's beats, which come at any time. */
      const word = async (): Promise<string> => {
        for (;;) {
          const said = await next();
          if (said !== 'WATCHDOG=1') return said;
        }
      };
      assert.equal(await next(), 'bound');
      const manager = new ServiceManager({ NOTIFY_SOCKET: name, WATCHDOG_USEC: '30000' });
      manager.starting();
      assert.equal(await word(), 'EXTEND_TIMEOUT_USEC=300000000');
      // A start that hangs is not waited for without end.
      manager.starting(5000);
      const left = Number(/^EXTEND_TIMEOUT_USEC=(\d+)$/.exec(await word())?.[1]);
      assert.ok(left > 0 && left <= 5_000_000, String(left));
      manager.ready('fine');
      assert.equal(await word(), 'READY=1 STATUS=fine');
      assert.equal(await next(), 'WATCHDOG=1');
      assert.equal(await next(), 'WATCHDOG=1');
      manager.stopping();
      assert.equal(await word(), 'STOPPING=1');
      manager.close();
      await once(receiver, 'exit');
    });
  }

  it('does nothing without systemd', () => {
    const manager = new ServiceManager({});
    manager.ready('fine');
    manager.stopping();
    manager.close();
  });

  it('leaves the watchdog to the process that it is meant for', async () => {
    const manager = new ServiceManager({
      NOTIFY_SOCKET: join(folder, 'nobody'),
      WATCHDOG_USEC: '1000',
      WATCHDOG_PID: '1',
    });
    manager.ready('nobody listens');
    manager.close();
  });
});

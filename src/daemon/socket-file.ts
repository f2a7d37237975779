import {
  chmodSync,
  chownSync,
  lstatSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { WeirError } from '../config/errors.ts';

/** What connect(2) does not take: sun_path is 108 bytes with its NUL. */
const PATH_MAX = 107;

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Removes a socket that a dead daemon left. Anything that lives, or is no socket, stays. */
async function clear(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  // A link is what linkSocket left.
  if (!stat.isSocket() && !stat.isSymbolicLink()) {
    throw new WeirError('SOCKET_IN_USE', `${path} exists and is not a socket; move it away`);
  }
  if (await answers(path)) {
    throw new WeirError(
      'SOCKET_IN_USE',
      `another process answers on ${path}; stop it or configure another socket`,
    );
  }
  unlinkSync(path);
}

const GROUP = 'weir';

/** Id of a group of /etc/group; undefined when the host has none. */
export function groupId(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[2]);
}

/** Binds the server to a Unix socket that root and its group may use. */
export async function listenOn(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_MAX) {
    throw new WeirError(
      'SOCKET_PATH',
      `the socket path ${path} is longer than the ${PATH_MAX} bytes that Linux allows; configure a shorter one with "socket"`,
      { exitCode: 78 },
    );
  }
  await clear(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new WeirError('SOCKET_UNUSABLE', `cannot listen on ${path}: ${error.message}`, {
          cause: error,
        }),
      ),
    );
    // The process's umask (077) covers the moment until chmod.
    server.listen(path, () => {
      const gid = process.geteuid?.() === 0 ? groupId(GROUP) : undefined;
      if (gid !== undefined) chownSync(path, 0, gid);
      chmodSync(path, 0o660);
      resolve();
    });
  });
}

/**
 * Lets commands that know only the state directory find a socket that is configured elsewhere.
 * Returns what removes the link.
 */
export function linkSocket(usual: string, actual: string): () => void {
  if (usual === actual) return () => {};
  rmSync(usual, { force: true });
  symlinkSync(actual, usual);
  return () => rmSync(usual, { force: true });
}

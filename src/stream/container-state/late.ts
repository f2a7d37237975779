import { open, readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Container } from '../container-id.ts';
import { dockerContainer } from './docker.ts';
import type { ContainerNames, StatePlaces } from './names.ts';
import { ownerOf } from './resolve.ts';
import { parsed, STATE_FLAGS, STATE_MAX } from './state-file.ts';
import { listedIn, STORAGE_LISTS } from './storage.ts';

const SOCKET = '/var/run/docker.sock';
const ANSWER_MS = 2000;

/**
 * What can only be asked of others, or is in a user's home: both may never answer, so the stream
 * does not wait for it.
 */
export async function lateNames(
  container: Container,
  places: StatePlaces,
): Promise<ContainerNames | undefined> {
  const owner = ownerOf(container);
  if (owner !== undefined) return ofHome(container.id, await homeOf(owner, places), places);
  // podman's socket is not asked: systemd would start a service behind it.
  return container.runtime === 'docker' ? ofSocket(container.id, places) : undefined;
}

/** podman and Docker without root. */
async function ofHome(
  id: string,
  home: string | undefined,
  { root }: StatePlaces,
): Promise<ContainerNames | undefined> {
  if (home === undefined) return undefined;
  const share = `${root}${home}/.local/share`;
  const docker = await textOf(`${share}/docker/containers/${id}/config.v2.json`);
  if (docker !== undefined) return parsed(docker, dockerContainer);
  const storage = `${share}/containers/storage`;
  const drivers = await readdir(storage).catch(() => []);
  for (const driver of drivers.filter((name) => name.endsWith('-containers'))) {
    for (const list of STORAGE_LISTS) {
      const found = listedIn(await textOf(`${storage}/${driver}/${list}`), id);
      if (found !== undefined) return { ...found, runtime: 'podman' };
    }
  }
  return undefined;
}

async function homeOf(uid: number, { root }: StatePlaces): Promise<string | undefined> {
  const users = await readFile(`${root}/etc/passwd`, 'utf8').catch(() => '');
  for (const line of users.split('\n')) {
    const [, , id, , , home] = line.split(':');
    if (id === String(uid) && home?.startsWith('/')) return home;
  }
  return undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, STATE_FLAGS);
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > STATE_MAX) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stat.size), 0, stat.size, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return undefined;
  }
}

/** The daemon itself, where its data are elsewhere. */
async function ofSocket(id: string, { root }: StatePlaces): Promise<ContainerNames | undefined> {
  try {
    const body = await get(`${root}${SOCKET}`, `/containers/${id}/json`);
    return parsed(body, dockerContainer);
  } catch {
    return undefined;
  }
}

function get(socketPath: string, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(ANSWER_MS);
  const asked = request({ socketPath, path, signal, headers: { host: 'docker' } }, (answer) => {
    let length = 0;
    answer.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > STATE_MAX) answer.destroy(new Error('too long'));
    });
    if (answer.statusCode === 200) text(answer).then(resolve, reject);
    else {
      answer.resume();
      reject(new Error(String(answer.statusCode)));
    }
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { WeirError } from '../../config/errors.ts';
import type { Output } from '../output/open-output.ts';

/**
 * Writes a folder as .tar.gz by the system's tar; compressed here, since gzip may be missing.
 * Names are relative to the folder's parent; owners are left out.
 *
 * Rejects with WeirError NO_TAR, OUTPUT_UNWRITABLE.
 */
export async function writeArchive(parent: string, name: string, output: Output): Promise<void> {
  const args = ['-C', parent, '--owner=0', '--group=0', '--numeric-owner', '-cf', '-', name];
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = endOf(tar);
  // Awaited below; until then it is no failure that nobody looks at.
  ended.catch(() => {});
  try {
    const packed = tar.stdout.on('error', () => {}).pipe(createGzip());
    for await (const part of packed) await output.write(part as Buffer);
  } catch (cause) {
    tar.kill();
    const why = (cause as Error).message;
    throw new WeirError('OUTPUT_UNWRITABLE', `cannot write the bundle: ${why}`, { cause });
  }
  await ended;
}

async function endOf(tar: ChildProcess): Promise<void> {
  let said = '';
  tar.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000);
  });
  try {
    const [code] = await once(tar, 'close');
    if (code === 0) return;
  } catch (cause) {
    const why = (cause as Error).message;
    throw new WeirError('NO_TAR', `cannot run tar: ${why}; install it`, { cause });
  }
  throw new WeirError('NO_TAR', `tar failed: ${said.trim()}`);
}

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { WeirError } from '../config/errors.ts';
import { EventImport } from '../daemon/event-import.ts';
import { isSet, type Run, text } from './command.ts';
import { boundedLines } from './import/bounded-lines.ts';
import { capturedRow } from './import/captured-row.ts';

function input(file: string): Readable {
  return file === '-' ? process.stdin : createReadStream(file);
}

/** Rejects with WeirError IMPORT_LINE, IMPORT_FILE, IMPORT_WRITE. */
async function importFile(file: string, into: EventImport): Promise<number> {
  const name = file === '-' ? 'standard input' : file;
  let count = 0;
  try {
    for await (const lines of boundedLines(input(file), name)) {
      for (const [number, line] of lines) {
        await into.add(parsed(line, `${name}:${number}`), line.length);
        count++;
      }
    }
  } catch (cause) {
    if (cause instanceof WeirError) throw cause;
    throw new WeirError('IMPORT_FILE', `cannot read ${name}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return count;
}

function parsed(line: string, place: string): ReturnType<typeof capturedRow> {
  try {
    return capturedRow(line);
  } catch (cause) {
    throw new WeirError('IMPORT_LINE', `${place}: ${(cause as Error).message}`, { cause });
  }
}

export const run: Run = async (invocation) => {
  const stateDir = text(invocation, 'state-dir');
  if (stateDir === undefined) {
    throw new WeirError('USAGE', '--state-dir is missing', { exitCode: 64 });
  }
  const into = await EventImport.open(stateDir, isSet(invocation, 'append'));
  let count = 0;
  try {
    for (const file of invocation.args) count += await importFile(file, into);
  } finally {
    await into.close();
  }
  process.stdout.write(`${count} events imported\n`);
  return 0;
};

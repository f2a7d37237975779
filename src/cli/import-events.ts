import { WeirError } from '../config/errors.ts';
import { EventImport } from '../daemon/event-import.ts';
import { native } from '../native/addon.ts';
import type { CaptureProblem, NativeCapture } from '../native/capture.ts';
import { isSet, type Run, text } from './command.ts';
import { CAPTURE_PLANS, explainProblem } from './import/capture-plan.ts';
import { InputFile } from './import/input-file.ts';

/** Rejects with WeirError IMPORT_LINE, IMPORT_FILE, IMPORT_WRITE. */
async function importFiles(files: readonly InputFile[], into: EventImport): Promise<number> {
  const capture = native.readCapture(CAPTURE_PLANS, files.length);
  let count = 0;
  for (let step = capture.next(); step !== null; step = capture.next()) {
    if ('needs' in step) {
      await feed(capture, files, step.needs);
    } else if ('batch' in step) {
      count += step.rows;
      await into.append(step);
    } else {
      throw lineError(files, step.problem);
    }
  }
  return count;
}

async function feed(
  capture: NativeCapture,
  files: readonly InputFile[],
  index: number,
): Promise<void> {
  const bytes = await (files[index] as InputFile).read();
  if (bytes === null) return capture.end(index);
  const failed = capture.push(index, bytes);
  if (failed !== null) throw lineError(files, failed.problem);
}

function lineError(files: readonly InputFile[], problem: CaptureProblem): WeirError {
  const place = `${files[problem.file]?.name}:${problem.line}`;
  return new WeirError('IMPORT_LINE', `${place}: ${explainProblem(problem)}`);
}

export const run: Run = async (invocation) => {
  const stateDir = text(invocation, 'state-dir');
  if (stateDir === undefined) {
    throw new WeirError('USAGE', '--state-dir is missing', { exitCode: 64 });
  }
  const into = await EventImport.open(stateDir, isSet(invocation, 'append'));
  const files = invocation.args.map((path) => new InputFile(path));
  let count = 0;
  try {
    count = await importFiles(files, into);
  } finally {
    await into.close();
    for (const file of files) await file.close();
  }
  process.stdout.write(`${count} events imported\n`);
  return 0;
};

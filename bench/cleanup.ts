import { constants } from 'node:os';

type Undo = () => void | Promise<void>;

const undos: Undo[] = [];

/** Remembers how to put something back; the last remembered is undone first. */
export function onCleanup(undo: Undo): void {
  undos.push(undo);
}

/** Puts everything back, whatever fails on the way; then throws the first failure. */
export async function cleanUp(): Promise<void> {
  let first: unknown;
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
    try {
      await undo();
    } catch (error) {
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
}

/** Puts everything back on Ctrl-C and termination too. */
export function cleanUpOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void cleanUp().finally(() => process.exit(128 + constants.signals[signal]));
    });
  }
}

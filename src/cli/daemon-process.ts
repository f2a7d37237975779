/**
 * One Ctrl-C under `npm start` comes twice: from the terminal, and from npm, which passes it on.
 * Whoever means it again waits longer.
 */
const SAME_SIGNAL_MS = 1000;

/** Resolves at the first SIGTERM or SIGINT; one that is meant again ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const names: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
    let first = Number.NaN;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (Number.isNaN(first)) {
        first = performance.now();
        resolve(signal);
      } else if (performance.now() - first >= SAME_SIGNAL_MS) {
        for (const name of names) process.removeListener(name, onSignal);
        process.kill(process.pid, signal);
      }
    };
    for (const name of names) process.on(name, onSignal);
  });
}

/**
 * Files that this process makes are for root alone; the socket and the logs are opened to their
 * group apart. For a process that is a daemon: it holds until its end.
 */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}

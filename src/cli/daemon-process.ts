/** Resolves at the first SIGTERM or SIGINT; another one then ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const names: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
    const onSignal = (signal: NodeJS.Signals): void => {
      for (const name of names) process.removeListener(name, onSignal);
      resolve(signal);
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

#!/bin/sh
':' //; here=$(dirname "$(readlink -f "$0")"); unset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_REPL_EXTERNAL_MODULE NODE_V8_COVERAGE NODE_TLS_REJECT_UNAUTHORIZED NODE_REDIRECT_WARNINGS NODE_DEBUG NODE_DEBUG_NATIVE NODE_ICU_DATA OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES SQLITE_USE_URI; export NODE_COMPILE_CACHE="$here/../build/cache" MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=262144; node="$here/../node_modules/.bin/node"; [ -x "$node" ] || { echo "weir: cannot start $node: it is not there. Run npm start or npm run build once to set up." >&2; exit 1; }; exec "$node" --disable-proto=delete --expose-gc --max-semi-space-size=2 --liftoff-only "$here/../src/cli/main.ts" "$@"

// Both shell and JavaScript. Started as a command, the line above replaces the shell by the
// project's own Node. Started as `node bin/weir.js`, by whatever Node that is, the rest does it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const options = [
  ...['--disable-proto=delete', '--expose-gc', '--max-semi-space-size=2'],
  // Node strips types by WebAssembly while the compiled sources are not there yet. V8 now and then ends the
  // process where it begins to compile that once more (Runtime_WasmTriggerTierUp; related:
  // https://github.com/nodejs/node/issues/64500). Without, a first start is a little faster, too.
  '--liftoff-only',
];
const args = [...options, main, ...process.argv.slice(2)];

// What could inject code, write files, weaken TLS or change SQLite's meaning of file names. The shell's line
// above has the same names.
const UNWANTED = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_EXTRA_CA_CERTS',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_V8_COVERAGE',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_REDIRECT_WARNINGS',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_ICU_DATA',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
  'SQLITE_USE_URI',
];
const env = { ...process.env };
for (const name of UNWANTED) delete env[name];
// Compiled sources: half the start-up time, and no TypeScript compiler in memory.
env.NODE_COMPILE_CACHE = fileURLToPath(new URL('../build/cache', import.meta.url));
// glibc gives memory back after a flood instead of keeping it in an arena for each thread.
env.MALLOC_ARENA_MAX = '2';
env.MALLOC_TRIM_THRESHOLD_ = '131072';
env.MALLOC_MMAP_THRESHOLD_ = '262144';

if (typeof process.execve === 'function') {
  // No parent is left in the way of signals.
  process.removeAllListeners('warning');
  process.on('warning', () => {});
  process.execve(node, [node, ...args], env);
}

// Older Nodes cannot replace themselves: pass signals on and end as the child ends. SIGINT and
// SIGQUIT from a terminal reach the child by themselves (same foreground group); when they were
// sent to this process alone the child has to hear of them, so they are passed on when the child
// is not a terminal's.
const child = spawn(node, args, { stdio: 'inherit', env });
const fromTerminal = process.stdin.isTTY === true;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT']) {
  process.on(signal, () => {
    if (fromTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
    child.kill(signal);
  });
}
child.on('error', (error) => {
  process.stderr.write(
    `weir: cannot start ${node}: ${error.message}. Run npm start or npm run build once to set up.\n`,
  );
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // End by the same signal, so that the caller sees what happened.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
});
